using AgentStream.Api.Commands;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Wires.Runs;

/// <summary>A run as the transcript has it now, and how a reader of its events begins.</summary>
/// <param name="Page">The page of the transcript that has its message and no other.</param>
/// <param name="Message">Its message.</param>
internal sealed record FoundRun(TranscriptPage Page, TranscriptMessage Message)
{
    private static readonly TimeSpan CancelPatience = TimeSpan.FromSeconds(5);

    public SessionId SessionId => Page.Head.SessionId;

    /// <summary>Where it is.</summary>
    public RunAddress Address => new(Message.RunId, Message.Seq, SessionId);

    /// <summary>The questions to a person that it waits with.</summary>
    public IReadOnlyList<PendingApproval> Questions
        => Page.ActiveRun is { } active && active.RunId == Message.RunId
            ? [.. active.PendingApprovals.Where(question => question.ClientTool is not true)]
            : [];

    /// <summary>Whether it is over.</summary>
    public bool IsOver => Message.Status is MessageStatus.Completed or MessageStatus.Failed or MessageStatus.Cancelled;

    /// <summary>Finds a run.</summary>
    public static ValueTask<Answer<FoundRun>> FindAsync(WireCommands commands, HttpContext context, RunAddress address)
        => FindAsync(commands, context, address.SessionId, address.Queued, address.RunId);

    /// <summary>Finds the run whose message stands at an offset. Refused where it does not stand there, or is somebody else's.</summary>
    public static async ValueTask<Answer<FoundRun>> FindAsync(
        WireCommands commands, HttpContext context, SessionId sessionId, Offset queued, RunId runId)
    {
        if ((await commands.TranscriptAsync(context, sessionId, queued.Next, limit: 1)).IsRefused(out var refusal, out var page))
        {
            return refusal;
        }

        return page.Messages is [.., var message] && message.RunId == runId && message.Seq == queued
            ? new FoundRun(page, message)
            : new Refusal(ErrorCodes.SessionNotFound, "The session was erased while its run was going on.");
    }

    /// <summary>The same run when it is over, or asks its caller to execute calls.</summary>
    public async ValueTask<Answer<FoundRun>> WaitAsync(
        WireCommands commands, HttpContext context, CancellationToken cancellationToken = default)
    {
        var accepted = new Accepted
        {
            MessageId = Message.MessageId,
            RunId = Message.RunId,
            Seq = Message.Seq,
            Duplicate = true,
        };
        return (await commands.WaitAsync(context, SessionId, accepted, cancellationToken)).IsRefused(out var refusal, out _)
            ? refusal
            : await FindAsync(commands, context, SessionId, Message.Seq, Message.RunId);
    }

    /// <summary>
    /// Waits until a run that is being cancelled is over: it ends as cancelled, certainly and mostly at once.
    /// One whose worker was lost takes longer, and is left as it stands after five seconds.
    /// </summary>
    public async Task WaitForCancelAsync(WireCommands commands, HttpContext context, TimeProvider time)
    {
        using var patience = new CancellationTokenSource(CancelPatience, time);
        try
        {
            await WaitAsync(commands, context, patience.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            // As it stands.
        }
    }

    /// <summary>What the transcript says of the run, as events.</summary>
    public IReadOnlyList<RunEvent> Tell() => new RunFold(Message.RunId).Take(Snapshot)!;

    /// <summary>The same, where the run has ended and the log does not tell it any more; <c>null</c>: it does.</summary>
    public IReadOnlyList<RunEvent>? TellEnded()
        => Message.FinishedAt is not null && Page.Head.TrimmedThrough >= Message.Seq ? Tell() : null;

    /// <summary>A reading of the run from its beginning.</summary>
    public RunReading Read(IRunTranslation translation)
        => new(SessionId, new Cursor(Page.Head.Epoch, new Offset(Message.Seq.Value - 1)), new RunFold(Message.RunId), translation);

    /// <summary>A reading of what comes, by a translation that knows what there is.</summary>
    /// <param name="translate">Makes the translation from what the transcript says now.</param>
    public RunReading ReadOn(Func<IReadOnlyList<RunEvent>, IRunTranslation> translate)
    {
        var fold = new RunFold(Message.RunId);
        var past = fold.Take(Snapshot)!;
        return new RunReading(SessionId, new Cursor(Page.Head.Epoch, Page.Head.LastSeq), fold, translate(past));
    }

    private SnapshotData Snapshot => new()
    {
        SessionId = SessionId,
        Epoch = Page.Head.Epoch,
        LastSeq = Page.Head.LastSeq,
        TrimmedThrough = Page.Head.TrimmedThrough,
        Messages = [Message],
        HasMore = false,
        ActiveRun = Page.ActiveRun,
        QueuedRuns = [],
    };
}
