namespace AgentStream.Client;

/// <summary>Tells which events of a session are those of one message's run, and when it is over.</summary>
internal sealed class AskedRun(AgentSession session, string messageId)
{
    private string? _runId;
    private long _queuedAt;
    private long _start = -1;

    /// <summary>The run; <c>null</c>: the message is not known to have arrived.</summary>
    public string? RunId => _runId;

    /// <summary>Its end; <c>null</c>: it goes on.</summary>
    public RunFinished? End { get; private set; }

    /// <returns>The event for whoever asked; <c>null</c>: it is not theirs.</returns>
    /// <exception cref="AgentStreamException">The message was refused, or the session erased.</exception>
    public async ValueTask<AgentEvent?> TakeAsync(AgentEvent happened, CancellationToken cancellationToken)
    {
        switch (happened)
        {
            case RunQueued queued when queued.MessageId == messageId:
                _runId = queued.RunId;
                return queued;
            case LogEvent entry:
                End = entry.RunId == _runId ? entry as RunFinished : null;
                return entry.RunId == _runId ? entry : null;
            case SnapshotReceived snapshot:
                return await TakeAsync(snapshot, cancellationToken).ConfigureAwait(false);
            case MessageAccepted accepted when accepted.MessageId == messageId:
                return await TakeAsync(accepted, cancellationToken).ConfigureAwait(false);
            case RequestRefused refused when refused.MessageId == messageId:
                throw new AgentStreamException(refused.Code, refused.Message)
                {
                    RetryAfter = refused.RetryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                };
            case MessageAccepted or RequestRefused:
                return null;
            default:
                return happened;
        }
    }

    private async ValueTask<AgentEvent?> TakeAsync(SnapshotReceived snapshot, CancellationToken cancellationToken)
    {
        var isFirst = _start < 0;
        _start = Math.Max(_start, snapshot.Snapshot.LastSeq);
        var message = snapshot.Snapshot.Messages.FirstOrDefault(message => message.MessageId == messageId);
        if (message is null && _runId is not null)
        {
            // A run that is over may be on an older page.
            message = (await PageAsync(cancellationToken).ConfigureAwait(false)).Messages[0];
        }

        if (message is null)
        {
            // Not taken yet: it is sent again.
            return isFirst ? null : snapshot;
        }

        Take(message, snapshot.Snapshot.LastSeq);
        return snapshot.Snapshot.Messages.Contains(message)
            ? snapshot
            : snapshot with { Snapshot = snapshot.Snapshot with { Messages = [message, .. snapshot.Snapshot.Messages] } };
    }

    private async ValueTask<AgentEvent?> TakeAsync(MessageAccepted accepted, CancellationToken cancellationToken)
    {
        (_runId, _queuedAt) = (accepted.RunId, accepted.Seq);
        if (accepted.Duplicate && accepted.Seq <= _start)
        {
            // It was asked before this connection began, and perhaps answered long ago.
            var page = await PageAsync(cancellationToken).ConfigureAwait(false);
            Take(page.Messages[0], _start);
            return new SnapshotReceived
            {
                Snapshot = new SessionSnapshot
                {
                    SessionId = page.SessionId,
                    Epoch = page.Epoch,
                    LastSeq = _start,
                    Messages = page.Messages,
                    HasMore = page.HasMore,
                },
            };
        }

        return accepted;
    }

    private void Take(TranscriptMessage message, long seq)
    {
        (_runId, _queuedAt) = (message.RunId, message.Seq);
        if (message.IsOver)
        {
            End = new RunFinished
            {
                Status = message.Status,
                Error = message.Error,
                ErrorCode = message.ErrorCode,
                DurationMs = message.DurationMs ?? 0,
                Iterations = message.Iterations ?? 0,
                Usage = message.Usage,
                SteeredRunId = message.SteeredRunId,
                Seq = seq,
                FirstSeq = seq,
                RunId = message.RunId,
                Timestamp = message.FinishedAt ?? default,
            };
        }
    }

    /// <summary>The page that has this message alone.</summary>
    private async ValueTask<Transcript> PageAsync(CancellationToken cancellationToken)
    {
        var page = await session.GetTranscriptAsync(_queuedAt + 1, 1, cancellationToken).ConfigureAwait(false);
        return page.Messages is [{ } message] && message.RunId == _runId
            ? page
            : throw new AgentStreamException("session_not_found", "The session was erased, and the run with it.");
    }
}
