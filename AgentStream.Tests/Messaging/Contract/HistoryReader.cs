using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Tests.Messaging.Specification;

namespace AgentStream.Tests.Messaging.Contract;

/// <summary>A client: follows a session, comes back with its cursor, and takes the snapshot's place where it is told to.</summary>
internal sealed class HistoryReader(SessionId sessionId, Cursor cursor, ISessionLog log) : IAsyncDisposable
{
    private CancellationTokenSource _leaving = new();
    private IAsyncEnumerator<LogBatch>? _batches;
    private Task<bool>? _next;
    private Cursor _cursor = cursor;

    /// <summary>The life of the session in which it began to follow; an erased one is told, too, that had shown nothing yet.</summary>
    private SessionModel? _life;

    public SessionId SessionId => sessionId;

    /// <summary>
    /// Takes all that is there, and checks that it is each entry once and in order, or that the cursor can't be served indeed.
    /// </summary>
    public async Task DrainAsync(SessionModel model, TimeSpan patience)
    {
        Begin(model);
        while (_life != model || _cursor.After != model.LastSeq || model.Refuse(_cursor) is not null || _next!.IsCompleted)
        {
            Assert.True(await _next!.WaitAsync(patience));
            var batch = _batches!.Current;
            if (batch.Resync is { } reason)
            {
                Assert.True(
                    _life != model || model.Refuse(_cursor) is not null,
                    $"a resync ({reason}) for a cursor that can be served: {_cursor} of {model.LastSeq} in {model.Epoch}");
                Assert.Empty(batch.Entries);
                await LeaveAsync();
                var head = await log.GetHeadAsync(sessionId);
                _cursor = new Cursor(head.Epoch, head.LastSeq);
                Begin(model);
                continue;
            }

            Assert.NotEmpty(batch.Entries);
            foreach (var entry in batch.Entries)
            {
                Assert.Equal(_cursor.After.Next, entry.Offset);
                Assert.True(_life!.Log[(int)entry.Offset.Value - 1].Frame.Span.SequenceEqual(entry.Frame.Span));
                _cursor = new Cursor(batch.Epoch, entry.Offset);
            }

            _next = _batches.MoveNextAsync().AsTask();
        }
    }

    /// <summary>The connection broke; it is made again where it stood.</summary>
    public async Task ReconnectAsync(ISessionLog newLog)
    {
        await LeaveAsync();
        log = newLog;
    }

    public async ValueTask DisposeAsync()
    {
        await LeaveAsync();
        _leaving.Dispose();
    }

    private void Begin(SessionModel model)
    {
        if (_batches is null)
        {
            _life = model;
            _batches = log.FollowAsync(sessionId, _cursor, _leaving.Token).GetAsyncEnumerator();
        }

        _next ??= _batches.MoveNextAsync().AsTask();
    }

    private async Task LeaveAsync()
    {
        await _leaving.CancelAsync();
        if (_next is not null)
        {
            try
            {
                await _next;
            }
            catch (Exception exception) when (exception is OperationCanceledException or StoreUnavailableException)
            {
                // It waited for more.
            }
        }

        if (_batches is not null)
        {
            await _batches.DisposeAsync();
        }

        _leaving.Dispose();
        _leaving = new CancellationTokenSource();
        (_batches, _next) = (null, null);
    }
}
