using AgentStream.Client;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Client;

/// <summary>A client of a fake server, with a clock that the test moves.</summary>
internal sealed class ClientHome : IAsyncDisposable
{
    public ClientHome(Action<AgentStreamClientOptions>? configure = null)
    {
        var options = new AgentStreamClientOptions
        {
            Time = Time,
            Random = () => 0,

            // The clock of a test runs faster than its network: no patience ends by itself, unless that is what is tested.
            GiveUpAfter = Timeout.InfiniteTimeSpan,
            ConnectTimeout = TimeSpan.FromDays(40),
            Silence = TimeSpan.FromDays(1000),
            PongTime = TimeSpan.FromDays(10),
        };
        configure?.Invoke(options);
        Client = new AgentStreamClient(Server.Address, options);
    }

    /// <summary>Makes one with what tests mostly want.</summary>
    public static ClientHome Start() => new();

    public FakeServer Server { get; } = new();

    /// <summary>Moved by tests.</summary>
    public FakeTimeProvider Time { get; } = new();

    public AgentStreamClient Client { get; }

    /// <summary>Reads everything, moving the clock over the pauses.</summary>
    public async Task<List<AgentEvent>> ReadAsync(IAsyncEnumerable<AgentEvent> events, Func<AgentEvent, bool>? last = null)
    {
        using var timeout = new CancellationTokenSource(TestTimeouts.Default);
        List<AgentEvent> all = [];
        await using var reading = events.GetAsyncEnumerator(timeout.Token);
        while (true)
        {
            var next = reading.MoveNextAsync();
            if (all is [.., ConnectionLost])
            {
                // The client waits now: whatever the pause is, it is over.
                Time.Advance(((ConnectionLost)all[^1]).Pause);
            }

            if (!await next)
            {
                return all;
            }

            all.Add(reading.Current);
            if (last?.Invoke(reading.Current) == true)
            {
                return all;
            }
        }
    }

    /// <summary>Lets time pass until something has happened.</summary>
    public async Task<T> UntilAsync<T>(Task<T> task, TimeSpan step)
    {
        while (!task.IsCompleted)
        {
            Time.Advance(step);
            await Task.Yield();
        }

        return await task;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
    }
}
