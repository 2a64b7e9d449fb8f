using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace AgentStream.Access.Listening;

/// <summary>
/// Keeps a service that asks nobody who they are from listening on anything but loopback.
/// Asked for each address right before it is bound, however it was configured.
/// </summary>
internal sealed class ListeningRule(AccessWays ways, IOptions<AccessOptions> access) : IPostConfigureOptions<SocketTransportOptions>
{
    public void PostConfigure(string? name, SocketTransportOptions options)
    {
        if (ways.Any || access.Value.Open)
        {
            return;
        }

        var create = options.CreateBoundListenSocket;
        options.CreateBoundListenSocket = endPoint =>
            endPoint is IPEndPoint { Address: var address } && !IPAddress.IsLoopback(address)
                ? throw new OptionsValidationException(AccessOptions.Section, typeof(AccessOptions), [Sentence(endPoint)])
                : create(endPoint);
    }

    private static string Sentence(EndPoint endPoint)
        => $"This service would listen on {endPoint} and ask nobody who they are: switch on one of {OpenIdConnectAccessOptions.Section}, "
            + $"{CodeAccessOptions.Section}, {HeaderAccessOptions.Section}, {JwtAccessOptions.Section} and {KeyAccessOptions.Section} "
            + $"(docs/security.md), listen on localhost, or set {AccessOptions.Section}:{nameof(AccessOptions.Open)} to true where "
            + "something else keeps this port closed.";
}
