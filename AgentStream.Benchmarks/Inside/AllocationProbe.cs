using System.Net.Sockets;

namespace AgentStream.Benchmarks.Inside;

/// <summary>Tells from inside of a process, over a socket that is a file, how many bytes it has allocated so far.</summary>
internal static class AllocationProbe
{
    /// <summary>Begins to answer. For the process that is measured.</summary>
    public static void Begin(string path)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        new Thread(() =>
        {
            while (true)
            {
                using var client = listener.Accept();
                client.Send(BitConverter.GetBytes(GC.GetTotalAllocatedBytes(precise: true)));
            }
        })
        {
            IsBackground = true,
            Name = "allocations",
        }.Start();
    }

    /// <summary>Asks. For the process that measures.</summary>
    public static long Ask(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        socket.Receive(bytes);
        return BitConverter.ToInt64(bytes);
    }
}
