using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Http.Bodies;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Http.Endpoints;

/// <summary>Waits for runs to end. The log says when; the transcript, which outlives it, says what came of it.</summary>
internal sealed class RunWaiter(ISessionLog log)
{
    /// <summary>The answer of a run that was accepted, when it is over. Refused where the session is erased meanwhile.</summary>
    /// <param name="principal">Who waits.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="accepted">The run.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <param name="orUntilCalls">Whether it is enough that the run wants its caller to execute calls.</param>
    public async ValueTask<Answer<MessageAnswer>> WaitAsync(
        PrincipalId principal, SessionId sessionId, Accepted accepted, CancellationToken cancellationToken, bool orUntilCalls = false)
    {
        while (true)
        {
            // The head first: what happens between the two reads is then followed again, and not missed.
            var head = await log.GetHeadAsync(sessionId, cancellationToken);
            if (!SessionAccess.May(principal, head))
            {
                return CallerRefusals.NoSuchSession;
            }

            var page = await log.ReadTranscriptAsync(sessionId, accepted.Seq.Next, 1, cancellationToken);
            if (page.Messages is not [.., var message] || message.RunId != accepted.RunId)
            {
                return new Refusal(ErrorCodes.SessionNotFound, "The session was erased while its run was going on.");
            }

            if (message.Status is MessageStatus.Completed or MessageStatus.Failed or MessageStatus.Cancelled
                || (orUntilCalls && page.ActiveRun is { } run && run.RunId == message.RunId
                    && run.PendingApprovals.Any(call => call.ClientTool is true)))
            {
                return AnswerOf(sessionId, accepted, message);
            }

            await FinishAsync(head, accepted.RunId, orUntilCalls, cancellationToken);
        }
    }

    private static MessageAnswer AnswerOf(SessionId sessionId, Accepted accepted, TranscriptMessage message) => new()
    {
        SessionId = sessionId,
        MessageId = accepted.MessageId,
        RunId = accepted.RunId,
        Seq = accepted.Seq,
        Duplicate = accepted.Duplicate,
        Status = message.Status,
        AgentName = message.AgentName,
        Model = message.Model,
        Answer = message.Steps.LastOrDefault(step => step.StepType == StepType.FinalAnswer)?.Content,
        Steps = message.Steps,
        Error = message.Error,
        ErrorCode = message.ErrorCode,
        Usage = message.Usage,
        DurationMs = message.DurationMs,
        Iterations = message.Iterations,
        SteeredRunId = message.SteeredRunId,
        TraceId = message.TraceId,
    };

    // Returns when the run is over, or when the log can't tell any more and the transcript has to be asked again.
    private async Task FinishAsync(SessionHead head, RunId runId, bool orUntilCalls, CancellationToken cancellationToken)
    {
        await foreach (var batch in log.FollowAsync(head.SessionId, new Cursor(head.Epoch, head.LastSeq), cancellationToken))
        {
            if (batch.Resync is not null || batch.Entries.Any(entry => entry.RunId == runId
                && (entry.Event is RunFinished || (orUntilCalls && entry.Event is ToolApprovalRequired { ClientTool: true }))))
            {
                return;
            }
        }

        throw new StoreUnavailableException("The log stopped telling what comes.");
    }
}
