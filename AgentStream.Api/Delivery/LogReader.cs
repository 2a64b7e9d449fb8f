using AgentStream.Messaging;
using AgentStream.Messaging.Log;

namespace AgentStream.Api.Delivery;

/// <summary>A place in the log from which reading can begin anew.</summary>
internal sealed class LogReader(ISessionLog log, SessionId sessionId, Cursor? position) : IAsyncDisposable
{
    private IAsyncEnumerator<LogBatch>? _batches;

    /// <summary>The cursor after which the reader goes on; <c>null</c>: it needs a snapshot first.</summary>
    public Cursor? Position { get; set; } = position;

    /// <summary>Reads what has gathered after <see cref="Position"/>; waits for it.</summary>
    /// <exception cref="StoreUnavailableException">The store can't be reached, or has stopped.</exception>
    public async ValueTask<LogBatch> NextAsync(CancellationToken cancellationToken)
    {
        _batches ??= log.FollowAsync(sessionId, Position!.Value, cancellationToken).GetAsyncEnumerator(cancellationToken);
        return await _batches.MoveNextAsync()
            ? _batches.Current
            : throw new StoreUnavailableException("The log stopped telling what comes.");
    }

    public async ValueTask RestartAsync(Cursor? position)
    {
        await DisposeAsync();
        Position = position;
    }

    public async ValueTask DisposeAsync()
    {
        if (_batches is { } batches)
        {
            _batches = null;
            await batches.DisposeAsync();
        }
    }
}
