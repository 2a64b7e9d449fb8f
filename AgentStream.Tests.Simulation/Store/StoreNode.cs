using AgentStream.Messaging;
using AgentStream.Messaging.Embedded;
using AgentStream.Messaging.Embedded.Scheduling;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Simulation.Engine;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Simulation.Store;

/// <summary>
/// The process that keeps the sessions: the real embedded store over a real database, which can be killed at any write and begins again
/// from what the disk has.
/// </summary>
internal sealed class StoreNode(SimWorld world, string directory, MessagingOptions messaging, Func<StoreDecorator, StoreDecorator> mutate)
{
    private readonly HashSet<SessionId> _tapped = [];
    private readonly CancellationTokenSource _over = new();
    private StoreDecorator? _asked;
    private Task _closing = Task.CompletedTask;

    /// <summary>Hears every entry in order, once it is on disk.</summary>
    public required Func<SessionId, Cursor> TappedThrough { get; init; }

    public required Action<SessionId, LogBatch> Tap { get; init; }

    public SimProcess? Process { get; private set; }

    public EmbeddedSessionStore? Real { get; private set; }

    /// <summary>Decides about the next write.</summary>
    public Func<DiskFate> Disk { get; set; } = () => DiskFate.Written;

    /// <summary>Told when it is there again.</summary>
    public event Action? Opened;

    public bool IsUp => Process is { IsAlive: true } && Real is not null;

    /// <summary>Begins a life of it.</summary>
    public async Task StartAsync(SimProcess process)
    {
        await _closing;
        Process = process;
        var embedded = new EmbeddedOptions { DataDirectory = directory, FlushToDisk = false, UnloadAfter = TimeSpan.FromSeconds(20) };
        var store = new EmbeddedSessionStore(
            Options.Create(messaging), Options.Create(embedded), process.Clock, NullLoggerFactory.Instance,
            path => new FaultyDatabase(path, () => process.IsAlive ? Disk() : DiskFate.Refused));
        store.Open();
        Real = store;
        _asked ??= mutate(new StoreDecorator(() => Real!));
        process.Died += () => _closing = CloseAsync(store);
        world.Begin(Unless(new ExpiryLoop(store, process.Clock).RunAsync(_over.Token), process));
        world.Begin(Unless(new RetentionLoop(store, process.Clock).RunAsync(_over.Token), process));
        foreach (var sessionId in _tapped)
        {
            world.Begin(TapAsync(store, sessionId));
        }

        Opened?.Invoke();
    }

    /// <summary>The end of the scenario.</summary>
    public async Task StopAsync()
    {
        await _over.CancelAsync();
        await _closing;
        if (Real is { } store)
        {
            await store.DisposeAsync();
        }

        _over.Dispose();
    }

    /// <summary>Takes a question that has come over the network, and gives the answer to whoever sends it back.</summary>
    public void Take<T>(
        SessionId? sessionId, Func<StoreDecorator, ValueTask<T>> ask, Action<T> answer, Action<Exception> fail)
    {
        if (Process is not { IsAlive: true } process || Real is not { } store)
        {
            fail(Away());
            return;
        }

        process.Run(() => world.Begin(AnswerAsync()));

        async Task AnswerAsync()
        {
            if (sessionId is { } id && _tapped.Add(id))
            {
                world.Begin(TapAsync(store, id));
            }

            T result;
            try
            {
                result = await ask(_asked!);
            }
            catch (Exception exception) when (exception is StoreUnavailableException or ArgumentException)
            {
                fail(exception);
                return;
            }

            if (process.IsAlive)
            {
                answer(result);
            }
            else
            {
                // It may have been done; the connection broke before anybody could say so.
                fail(Away());
            }
        }
    }

    /// <summary>Brings what a session's log gets to somebody who listens.</summary>
    public void Follow(SessionId sessionId, Cursor from, Action<LogBatch> tell)
    {
        var (process, store) = (Process!, _asked!);
        world.Begin(FollowAsync());

        async Task FollowAsync()
        {
            try
            {
                await foreach (var batch in store.FollowAsync(sessionId, from, _over.Token))
                {
                    if (!process.IsAlive)
                    {
                        return;
                    }

                    tell(batch);
                }
            }
            catch (Exception exception) when (exception is StoreUnavailableException or OperationCanceledException)
            {
                // This life of it is over.
            }
        }
    }

    /// <summary>Brings hints about work to a worker.</summary>
    public void Listen(Action<QueueSignal> tell, Action ended)
    {
        var (process, store) = (Process!, _asked!);
        process.Died += ended;
        world.Begin(ListenAsync());

        async Task ListenAsync()
        {
            try
            {
                await foreach (var signal in store.ListenAsync(_over.Token))
                {
                    if (!process.IsAlive)
                    {
                        return;
                    }

                    tell(signal);
                }
            }
            catch (OperationCanceledException)
            {
                // The scenario is over.
            }
        }
    }

    private async Task TapAsync(EmbeddedSessionStore store, SessionId sessionId)
    {
        try
        {
            await foreach (var batch in store.FollowAsync(sessionId, TappedThrough(sessionId), _over.Token))
            {
                Tap(sessionId, batch);
            }
        }
        catch (Exception exception) when (exception is StoreUnavailableException or OperationCanceledException)
        {
            // The next life of it is tapped from where this one ended.
        }
    }

    private async Task CloseAsync(EmbeddedSessionStore store)
    {
        Real = null;
        await store.DisposeAsync();
    }

    private static async Task Unless(Task loop, SimProcess process)
    {
        try
        {
            await loop;
        }
        catch (Exception exception) when (exception is OperationCanceledException || !process.IsAlive)
        {
            // Over.
        }
    }

    private static StoreUnavailableException Away() => new("The simulated store is away.");
}
