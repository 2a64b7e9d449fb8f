using System.Runtime.CompilerServices;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using Microsoft.Extensions.DependencyInjection;

namespace AgentStream.Tests.Api.Support;

/// <summary>A log that can be cut off from those who read it, as a network does.</summary>
internal sealed class StoreSwitch(ISessionLog inner) : ISessionLog
{
    private TaskCompletionSource _cut = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsAway => _cut.Task.IsCompleted;

    public static void Install(IServiceCollection services)
    {
        var real = services.Last(service => service.ServiceType == typeof(ISessionLog));
        services.Remove(real);
        services.AddSingleton(provider => new StoreSwitch((ISessionLog)real.ImplementationFactory!(provider)));
        services.AddSingleton<ISessionLog>(provider => provider.GetRequiredService<StoreSwitch>());
        var queue = services.Last(service => service.ServiceType == typeof(IRunQueue));
        services.Remove(queue);
        services.AddSingleton<IRunQueue>(provider => new QueueSwitch(
            provider.GetRequiredService<StoreSwitch>(), (IRunQueue)queue.ImplementationFactory!(provider)));
    }

    /// <summary>What happens, once, when a session's transcript is to be read, or something in it to be changed.</summary>
    public Func<Task>? Meanwhile { private get; set; }

    public void Cut() => _cut.TrySetResult();

    public void Mend() => _cut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public ValueTask<SessionHead> GetHeadAsync(SessionId sessionId, CancellationToken cancellationToken = default)
        => Reachable().GetHeadAsync(sessionId, cancellationToken);

    public ValueTask<LogBatch> ReadAsync(SessionId sessionId, Cursor cursor, int maxEntries, CancellationToken cancellationToken = default)
        => Reachable().ReadAsync(sessionId, cursor, maxEntries, cancellationToken);

    public async IAsyncEnumerable<LogBatch> FollowAsync(
        SessionId sessionId, Cursor cursor, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var cut = _cut.Task;
        using var following = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var batches = Reachable().FollowAsync(sessionId, cursor, following.Token).GetAsyncEnumerator(following.Token);
        while (true)
        {
            var next = batches.MoveNextAsync().AsTask();
            if (await Task.WhenAny(next, cut) == cut)
            {
                await following.CancelAsync();
                await next.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                throw new StoreUnavailableException();
            }

            if (!await next)
            {
                yield break;
            }

            yield return batches.Current;
        }
    }

    public ValueTask<SessionSnapshot> SnapshotAsync(SessionId sessionId, CancellationToken cancellationToken = default)
        => Reachable().SnapshotAsync(sessionId, cancellationToken);

    public async ValueTask<TranscriptPage> ReadTranscriptAsync(
        SessionId sessionId, Offset? before, int limit, CancellationToken cancellationToken = default)
    {
        await HappenAsync();
        return await Reachable().ReadTranscriptAsync(sessionId, before, limit, cancellationToken);
    }

    // The test's own worker writes on: only readers are cut off.
    public ValueTask<AppendResult> AppendAsync(RunAppend append, CancellationToken cancellationToken = default)
        => inner.AppendAsync(append, cancellationToken);

    public async ValueTask<bool> RenameAsync(
        SessionId sessionId, string title, PrincipalId? owner = null, CancellationToken cancellationToken = default)
    {
        await HappenAsync();
        return await Reachable().RenameAsync(sessionId, title, owner, cancellationToken);
    }

    public async ValueTask<bool> EraseAsync(
        SessionId sessionId, PrincipalId? owner = null, CancellationToken cancellationToken = default)
    {
        await HappenAsync();
        return await Reachable().EraseAsync(sessionId, owner, cancellationToken);
    }

    public ValueTask<SessionPage> ListAsync(SessionQuery query, CancellationToken cancellationToken = default)
        => Reachable().ListAsync(query, cancellationToken);

    public Task HappenAsync()
    {
        var meanwhile = Meanwhile;
        Meanwhile = null;
        return meanwhile?.Invoke() ?? Task.CompletedTask;
    }

    private ISessionLog Reachable() => IsAway ? throw new StoreUnavailableException() : inner;
}
