using System.Net;
using System.Net.Sockets;

namespace AgentStream.Worker.Tools.Web;

/// <summary>
/// Opens connections to public addresses only.
/// A name is resolved here, each of its addresses is checked, and the connection goes to the very address that was checked:
/// a name that resolves to something else a moment later (DNS rebinding) gains nothing.
/// </summary>
internal class GuardedConnector
{
    /// <exception cref="ToolException">The host has no address, or one that is not public.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host.Trim('[', ']');
        // Numbers are addresses in whatever notation (127.1, 2130706433, 0x7f.1); nobody may be asked to resolve them.
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await ResolveAsync(host, cancellationToken);
        if (addresses.Length == 0)
        {
            throw new ToolException($"There is no host '{host}'. Check the address.");
        }

        // One address that is not public is enough: whoever mixes them wants the check to see the other one.
        if (!Array.TrueForAll(addresses, PublicAddresses.Contains))
        {
            throw new ToolException($"'{host}' is not on the public internet, and nothing else may be fetched.");
        }

        SocketException? failure = null;
        foreach (var address in addresses)
        {
            try
            {
                return await OpenAsync(new IPEndPoint(address, context.DnsEndPoint.Port), cancellationToken);
            }
            catch (SocketException exception)
            {
                failure = exception;
            }
        }

        throw new ToolException($"'{host}' does not answer. Try another source.", failure!);
    }

    protected virtual async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellationToken);
        }
        catch (SocketException exception)
        {
            throw new ToolException(
                $"The host '{host}' could not be found. Check the address; this machine may also be offline.", exception);
        }
    }

    protected virtual async Task<Stream> OpenAsync(IPEndPoint endpoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
