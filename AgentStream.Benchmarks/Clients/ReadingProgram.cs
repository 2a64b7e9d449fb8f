using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;
using AgentStream.Client;

namespace AgentStream.Benchmarks.Clients;

/// <summary>
/// A program that reads a session over many connections, with the client or with a bare socket. At the end of each run it says how many
/// events it has read since the one before, and with how much CPU: <c>run 2: 160400 1234567</c> (microseconds).
/// </summary>
internal sealed class ReadingProgram
{
    private readonly int _connections;
    private TimeSpan _cpu;
    private long _events;
    private long _characters;
    private int _joined;
    private int _ended;

    private ReadingProgram(int connections) => _connections = connections;

    /// <param name="kind"><c>client</c> or <c>bare</c>.</param>
    /// <param name="address">Where the API is.</param>
    /// <param name="session">The session.</param>
    /// <param name="connections">How many connections read it.</param>
    public static async Task RunAsync(string kind, Uri address, string session, int connections)
    {
        var program = new ReadingProgram(connections);
        using var client = new AgentStreamClient(address);
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => kind == "client"
            ? program.ReadAsync(client.Session(session))
            : program.ReadAsync(new UriBuilder(new Uri(address, $"ws/chat/{session}")) { Scheme = "ws" }.Uri)));
    }

    private async Task ReadAsync(AgentSession session)
    {
        await foreach (var happened in session.FollowAsync())
        {
            switch (happened)
            {
                case StepDelta delta:
                    Take(delta.Delta);
                    break;
                case RunFinished:
                    Take("");
                    End();
                    break;
                case LogEvent:
                    Take("");
                    break;
                case SnapshotReceived:
                    Join();
                    break;
                default:
                    break;
            }
        }
    }

    private async Task ReadAsync(Uri address)
    {
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("agentstream.v2");
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        await socket.ConnectAsync(address, CancellationToken.None);
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                length += part.Count;
            }
            while (!part.EndOfMessage);

            var frame = JsonSerializer.Deserialize(buffer.AsSpan(0, length), BareJson.Default.BareFrame)!;
            if (frame.Seq is not null)
            {
                Take(frame.Delta ?? frame.Data?.Delta ?? "");
            }

            if (frame.Type == "run_finished")
            {
                End();
            }
            else if (frame.Type == "snapshot")
            {
                Join();
            }
        }
    }

    // What a program does with a text: anything.
    private void Take(string text)
    {
        Interlocked.Increment(ref _events);
        Interlocked.Add(ref _characters, text.Length);
    }

    private void Join()
    {
        if (Interlocked.Increment(ref _joined) == _connections)
        {
            Console.WriteLine("ready");
            _cpu = Environment.CpuUsage.TotalTime;
        }
    }

    private void End()
    {
        var ended = Interlocked.Increment(ref _ended);
        if (ended % _connections == 0)
        {
            var cpu = Environment.CpuUsage.TotalTime;
            var spent = (cpu - _cpu).TotalMicroseconds;
            var (events, characters) = (Interlocked.Exchange(ref _events, 0), Interlocked.Exchange(ref _characters, 0));
            _cpu = cpu;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"run {ended / _connections}: {events} {spent:0} {characters}"));
        }
    }
}
