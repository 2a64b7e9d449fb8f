using System.Net;
using Microsoft.Extensions.Configuration;

namespace AgentStream.ServiceDefaults.Proxies;

/// <summary>Settings about what stands between clients and a service, read from <c>AgentStream</c> and checked at start.</summary>
internal sealed class ReverseProxyOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "AgentStream";

    /// <summary>
    /// The proxies whose word counts about who asks, by which scheme and under which name and path (<c>X-Forwarded-For</c>, <c>-Proto</c>,
    /// <c>-Host</c>, <c>-Prefix</c>): addresses or networks, as <c>10.0.0.2</c> or <c>10.0.0.0/24</c>.
    /// Default: none, and such headers mean nothing. Never name one that passes on what clients write there.
    /// </summary>
    public string[] Proxies { get; set; } = [];

    /// <summary>
    /// The path below which a proxy serves this service, as <c>/agents</c>, whether it takes the path off or leaves it.
    /// Default: what a proxy of <see cref="Proxies"/> says, otherwise none.
    /// </summary>
    public string PathPrefix { get; set; } = "";

    internal static void Bind(ReverseProxyOptions options, IConfiguration configuration)
    {
        options.PathPrefix = configuration[$"{Section}:{nameof(PathPrefix)}"]?.TrimEnd('/') ?? "";
        options.Proxies =
            [.. configuration.GetSection($"{Section}:{nameof(Proxies)}").GetChildren().Select(item => item.Value ?? "")];
    }

    /// <summary>Reads a network, or an address, which is a network of one. <c>null</c>: the text is neither.</summary>
    public static IPNetwork? NetworkOf(string text)
        => IPNetwork.TryParse(text, out var network) ? network
            : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
            : null;

    /// <summary>Tells whether a text is a path without a slash at its end, of letters that nobody on the way has to escape.</summary>
    internal static bool IsPath(string text)
        => text.StartsWith('/')
            && text[1..].Split('/').All(segment => segment is not ("" or "." or "..") && segment.All(IsPlain));

    private static bool IsPlain(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.';
}
