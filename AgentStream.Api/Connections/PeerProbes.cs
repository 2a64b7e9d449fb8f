using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace AgentStream.Api.Connections;

/// <summary>
/// Has the operating system find out which peers are gone without a word (a cable that was pulled, a machine that was switched off):
/// it probes connections on which nothing comes, and gives up those whose peer acknowledges nothing any more.
/// Accepted connections inherit this from the socket that listens.
/// </summary>
/// <remarks>
/// In place of the pings of <see cref="System.Net.WebSockets.WebSocket"/>, which cost each connection a timer of its own
/// and were most of what an idle one cost.
/// A client that hangs while its system goes on answering is found when it takes nothing any more (<see cref="ApiOptions.SendTimeout"/>).
/// </remarks>
internal sealed class PeerProbes(IOptions<ApiOptions> options) : IConfigureOptions<SocketTransportOptions>
{
    private const int Probes = 3;
    private const int LinuxTcpLevel = 6;
    private const int LinuxUserTimeout = 18;

    public void Configure(SocketTransportOptions options)
    {
        var create = options.CreateBoundListenSocket;
        options.CreateBoundListenSocket = endPoint =>
        {
            var socket = create(endPoint);
            if (socket is { ProtocolType: ProtocolType.Tcp, AddressFamily: AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 })
            {
                Probe(socket);
            }

            return socket;
        };
    }

    private void Probe(Socket socket)
    {
        var (interval, timeout) = (options.Value.KeepAliveInterval, options.Value.KeepAliveTimeout);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Seconds(interval));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Seconds(timeout / Probes));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
        if (OperatingSystem.IsLinux())
        {
            // Probes are sent only where nothing is on its way.
            // What is, and is never acknowledged, Linux would send again for a quarter of an hour.
            // A window that stays shut counts as well, and how long that may be is SendTimeout's to say.
            var patience = TimeSpan.FromTicks(Math.Max((interval + timeout).Ticks, (options.Value.SendTimeout + interval).Ticks));
            socket.SetRawSocketOption(LinuxTcpLevel, LinuxUserTimeout, BitConverter.GetBytes((int)patience.TotalMilliseconds));
        }
    }

    private static int Seconds(TimeSpan time) => Math.Max(1, (int)Math.Ceiling(time.TotalSeconds));
}
