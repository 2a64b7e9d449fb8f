using System.Text.Json;
using AgentStream.Access;
using AgentStream.Api.Access;
using AgentStream.Api.Telemetry;
using AgentStream.Messaging;
using AgentStream.Messaging.Agents;
using AgentStream.Messaging.Attachments;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using Microsoft.Extensions.Options;

namespace AgentStream.Api.Commands;

/// <summary>
/// The commands that clients can give to a session, the same for every wire: checks a command, executes it, and says what came of it.
/// </summary>
/// <remarks>Each throws <see cref="StoreUnavailableException"/> where the store can't be reached; asking again is safe.</remarks>
internal sealed partial class SessionCommands(
    ISessionLog log,
    IRunQueue queue,
    CallerLimits limits,
    IOptions<ApiOptions> options,
    KnownAgents agents,
    TimeProvider time,
    ILogger<SessionCommands> logger,
    ShareLinks? links = null,
    IAttachments? attachments = null,
    IOptions<MessagingOptions>? messaging = null)
{
    public const int MaxTitleLength = 200;
    public const int MaxReasonLength = 2_000;

    private const string Client = "client";
    private const string Administrator = "administrator";
    private const string RunScope = "run_id";
    private static readonly TimeSpan QueuePause = TimeSpan.FromSeconds(5);

    /// <summary>Takes a message and queues its run.</summary>
    /// <param name="principal">Who sends it.</param>
    /// <param name="address">From where; <c>null</c>: that does not matter.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="payload">The message.</param>
    /// <param name="cancellationToken">Cancels the asking.</param>
    public async ValueTask<Answer<Accepted>> ChatAsync(
        PrincipalId principal, string? address, SessionId sessionId, ChatPayload payload, CancellationToken cancellationToken)
    {
        var trace = TraceContext.From(payload.Traceparent, payload.Tracestate);
        using var activity = ApiTelemetry.StartChat(trace, sessionId);
        Answer<Accepted> answer;
        try
        {
            answer = await TakeAsync(principal, address, sessionId, payload, trace, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            ApiTelemetry.Fail(activity, exception);
            throw;
        }

        activity?.SetTag("agentstream.run.id", answer.Value?.RunId.Value);
        activity?.SetTag("error.type", answer.Refusal?.Code);
        if (answer.Value is { } accepted)
        {
            // The session is in the scope of the request, or of the socket for as long as it stays; the run has begun just now.
            using var scope = logger.BeginScope(new Dictionary<string, object> { [RunScope] = accepted.RunId });
            LogTaken(sessionId, accepted.RunId, accepted.Duplicate);
        }
        else
        {
            LogRefused(sessionId, answer.Refusal?.Code);
        }

        return answer;
    }

    private async ValueTask<Answer<Accepted>> TakeAsync(
        PrincipalId principal,
        string? address,
        SessionId sessionId,
        ChatPayload payload,
        TraceContext trace,
        CancellationToken cancellationToken)
    {
        if (ChatRequests.From(payload, trace, sessionId, principal, options.Value.MaxMessageLength)
            .IsRefused(out var invalid, out var request))
        {
            return invalid;
        }

        if (limits.TakeMessage(principal, address) is { } tooMany)
        {
            return tooMany with { MessageId = request.MessageId };
        }

        var most = (messaging?.Value ?? new MessagingOptions()).MaxAttachmentsPerMessage;
        if ((await SentAttachments.AddAsync(request, payload.Attachments, attachments, most, cancellationToken))
            .IsRefused(out var missing, out request))
        {
            return missing;
        }

        if (await UnknownAgentAsync(request, cancellationToken) is { } unknownAgent)
        {
            if (!await MayAsync(principal, sessionId, cancellationToken))
            {
                return CallerRefusals.NoSuchSession with { MessageId = request.MessageId };
            }

            // A message that was taken stays taken, also where its agent went meanwhile.
            return await queue.FindAsync(request, cancellationToken) is { } found ? ToAnswer(found, request) : unknownAgent;
        }

        // Whose session it is, the write itself decides.
        return ToAnswer(await queue.EnqueueAsync(request, cancellationToken), request);
    }

    private Answer<Accepted> ToAnswer(EnqueueResult result, RunRequest request)
        => result.Status switch
        {
            EnqueueStatus.Accepted or EnqueueStatus.Duplicate => new Accepted
            {
                MessageId = request.MessageId,
                RunId = result.RunId,
                Seq = result.Seq,
                Duplicate = result.Status == EnqueueStatus.Duplicate,
            },
            EnqueueStatus.Conflict => new Refusal(
                ErrorCodes.Conflict, "This message_id was used for another message of this session: send this one under a new id.",
                request.MessageId),
            EnqueueStatus.Busy => new Refusal(
                ErrorCodes.Busy, "A run is under way in this session: wait for it, or send on_busy enqueue, interrupt or steer.",
                request.MessageId),
            EnqueueStatus.UnknownReplaced => new Refusal(
                ErrorCodes.UnknownRun, "replaces_run_id names no run of this session: take it from its events, or leave it out.",
                request.MessageId),
            // Somebody else was faster: before this, the session had no owner.
            EnqueueStatus.NotOwner => CallerRefusals.NoSuchSession with { MessageId = request.MessageId },
            EnqueueStatus.QueueFull => new Refusal(
                ErrorCodes.QueueFull, "Too many messages wait in this session: send this one again when some are done.", request.MessageId,
                QueuePause),
            _ when OwnerRefusals.Of(result.Status, request.MessageId, time.GetUtcNow()) is { } limit => limit,
            _ => throw new InvalidOperationException($"The queue answered {result.Status}, which nobody knows."),
        };

    /// <summary>Cancels a run; <paramref name="payload"/> without a run means the one under way.</summary>
    public async ValueTask<Answer<Cancelled>> CancelAsync(
        PrincipalId principal, SessionId sessionId, CancelPayload payload, CancellationToken cancellationToken)
    {
        RunId? runId = null;
        if (payload.RunId is not null)
        {
            if (!RunId.TryParse(payload.RunId, out var given))
            {
                return new Refusal(ErrorCodes.InvalidId, "run_id takes the id of a run of this session.");
            }

            runId = given;
        }

        return ToAnswer(await queue.CancelAsync(sessionId, runId, Client, principal, cancellationToken), runId);
    }

    /// <summary>Cancels a run of whatever owner, for somebody who may end all of them.</summary>
    public async ValueTask<Answer<Cancelled>> EndAsync(
        PrincipalId administrator, SessionId sessionId, RunId runId, CancellationToken cancellationToken)
    {
        var result = await queue.CancelAsync(sessionId, runId, Administrator, owner: null, cancellationToken);
        if (result.Status is CancelStatus.Cancelled or CancelStatus.Requested)
        {
            LogEnded(runId, sessionId, administrator);
        }

        return ToAnswer(result, runId);
    }

    private static Answer<Cancelled> ToAnswer(CancelResult result, RunId? runId)
        => result.Status switch
        {
            CancelStatus.Cancelled or CancelStatus.Requested => new Cancelled(result.RunId ?? runId ?? default, result.Status),
            CancelStatus.AlreadyFinished => new Refusal(ErrorCodes.NothingToCancel, "This run is over already."),
            CancelStatus.NotFound when runId is null => new Refusal(ErrorCodes.NothingToCancel, "Nothing is running in this session."),
            CancelStatus.NotFound => new Refusal(ErrorCodes.UnknownRun, "This session has no such run: take the run_id from its events."),
            _ => throw new InvalidOperationException($"The queue answered {result.Status}, which nobody knows."),
        };

    /// <summary>
    /// Answers a tool call that waits for a person; the first answer counts, and the log tells everybody.
    /// Refused where somebody was faster.
    /// </summary>
    public async ValueTask<Refusal?> ApproveAsync(
        PrincipalId principal, SessionId sessionId, ToolApprovalPayload payload, CancellationToken cancellationToken)
    {
        if (!RunId.TryParse(payload.RunId, out var runId))
        {
            return new Refusal(ErrorCodes.InvalidId, "run_id takes the id of a run of this session.");
        }

        if (!ToolCallId.TryParse(payload.ToolCallId, out var toolCallId))
        {
            return new Refusal(ErrorCodes.InvalidId, "tool_call_id takes the id of a tool call that waits for approval.");
        }

        if (payload.Approved is not { } approved)
        {
            return new Refusal(ErrorCodes.InvalidOption, "approved is missing: true or false.");
        }

        if (payload.Arguments is { ValueKind: not JsonValueKind.Object })
        {
            return new Refusal(ErrorCodes.InvalidOption, "arguments takes an object, or is left out to approve the call as it is.");
        }

        if (payload.Reason?.Length > MaxReasonLength)
        {
            return new Refusal(ErrorCodes.InvalidOption, $"reason takes up to {MaxReasonLength} characters.");
        }

        return await AnswerAsync(
            new ApprovalAnswer
            {
                SessionId = sessionId,
                RunId = runId,
                ToolCallId = toolCallId,
                Approved = approved,
                By = NameOf(principal),
                Owner = principal,
                Arguments = payload.Arguments,
                Reason = string.IsNullOrWhiteSpace(payload.Reason) ? null : payload.Reason.Trim(),
            },
            cancellationToken);
    }

    /// <summary>
    /// Gives the result of a tool call that its caller executes; the first one counts, and the log tells everybody.
    /// Refused where somebody was faster.
    /// </summary>
    public async ValueTask<Refusal?> GiveResultAsync(
        PrincipalId principal, SessionId sessionId, ToolResultPayload payload, CancellationToken cancellationToken)
    {
        if (!RunId.TryParse(payload.RunId, out var runId))
        {
            return new Refusal(ErrorCodes.InvalidId, "run_id takes the id of a run of this session.");
        }

        if (!ToolCallId.TryParse(payload.ToolCallId, out var toolCallId))
        {
            return new Refusal(ErrorCodes.InvalidId, "tool_call_id takes the id of a tool call that waits for its result.");
        }

        if (payload.Result is not { Length: <= ClientToolRules.MaxResultLength } result)
        {
            return new Refusal(
                ErrorCodes.InvalidOption, $"result takes a text of up to {ClientToolRules.MaxResultLength} characters, empty or not.");
        }

        return await AnswerAsync(
            new ApprovalAnswer
            {
                SessionId = sessionId,
                RunId = runId,
                ToolCallId = toolCallId,
                Approved = true,
                By = NameOf(principal),
                Owner = principal,
                Result = result,
                IsError = payload.IsError is true ? true : null,
            },
            cancellationToken);
    }

    private static string NameOf(PrincipalId principal) => principal == PrincipalId.Anonymous ? Client : principal.Value;

    private async ValueTask<Refusal?> AnswerAsync(ApprovalAnswer answer, CancellationToken cancellationToken)
    {
        var result = await queue.AnswerAsync(answer, cancellationToken);
        return result.Status switch
        {
            AnswerStatus.Accepted => null,
            AnswerStatus.AlreadyResolved when result.Decision is { Expired: true } => new Refusal(
                ErrorCodes.AlreadyAnswered, "The time to answer this tool call is over: it was not executed."),
            AnswerStatus.AlreadyResolved when result.Decision is { Result: not null } => new Refusal(
                ErrorCodes.AlreadyAnswered, "This tool call has its result: the first one counts."),
            AnswerStatus.AlreadyResolved => new Refusal(
                ErrorCodes.AlreadyAnswered,
                $"This tool call was {(result.Decision is { Approved: true } ? "approved" : "refused")} before: the first answer counts."),
            AnswerStatus.WrongKind => new Refusal(
                ErrorCodes.InvalidOption,
                answer.Result is null
                    ? "Whoever brought this tool executes its calls: give the result (tool_result), or refuse the call."
                    : "This tool call asks for leave, and its agent executes it: approve it (tool_approval), or refuse it."),
            AnswerStatus.NotFound => new Refusal(
                ErrorCodes.NoSuchApproval, "No such tool call waits for approval: it never asked, or its run is over."),
            _ => throw new InvalidOperationException($"The queue answered {result.Status}, which nobody knows."),
        };
    }

    /// <summary>Gives a session a title; answers with the title as it is kept.</summary>
    public async ValueTask<Answer<string>> RenameAsync(
        PrincipalId principal, SessionId sessionId, string? title, CancellationToken cancellationToken)
    {
        var trimmed = title?.Trim();
        if (trimmed is not { Length: > 0 and <= MaxTitleLength })
        {
            return new Refusal(ErrorCodes.InvalidOption, $"title takes 1 to {MaxTitleLength} characters.");
        }

        return await log.RenameAsync(sessionId, trimmed, principal, cancellationToken)
            ? trimmed
            : CallerRefusals.NoSuchSession;
    }

    /// <summary>Removes a session for good, and the links to it.</summary>
    public async ValueTask<Refusal?> EraseAsync(PrincipalId principal, SessionId sessionId, CancellationToken cancellationToken)
    {
        // Links last, so that one that is being made meanwhile is gone as well (ShareLinkEndpoints looks again),
        // and also where there is no session any more: the time before may have ended in between.
        var isErased = await log.EraseAsync(sessionId, principal, cancellationToken);
        if (links is not null)
        {
            await links.RevokeAllAsync(sessionId, principal, cancellationToken);
        }

        return isErased ? null : CallerRefusals.NoSuchSession;
    }

    /// <summary>The head of a session, for somebody who wants to read it; refused also where there is none.</summary>
    public async ValueTask<Answer<SessionHead>> ReadAsync(Caller caller, SessionId sessionId, CancellationToken cancellationToken)
    {
        var head = await log.GetHeadAsync(sessionId, cancellationToken);
        return head.Exists && SessionAccess.MayRead(caller, head) ? head : CallerRefusals.NoSuchSession;
    }

    /// <summary>A page of a transcript, for somebody who wants to read it; refused also where there is no session.</summary>
    public async ValueTask<Answer<TranscriptPage>> ReadAsync(
        Caller caller, SessionId sessionId, Offset? before, int limit, CancellationToken cancellationToken)
    {
        // First of the head: for who may not read nothing is put together.
        if ((await ReadAsync(caller, sessionId, cancellationToken)).IsRefused(out var refusal, out _))
        {
            return refusal;
        }

        // Then of what was read: the session of before may have been erased in between, and belong to somebody else.
        var page = await log.ReadTranscriptAsync(sessionId, before, limit, cancellationToken);
        return page.Head.Exists && SessionAccess.MayRead(caller, page.Head) ? page : CallerRefusals.NoSuchSession;
    }

    /// <summary>The agents that can be asked; empty where nobody has said which there are.</summary>
    public async ValueTask<IReadOnlyList<AgentDescription>> AgentsAsync(CancellationToken cancellationToken)
        => await agents.ListAsync(cancellationToken);

    private async ValueTask<bool> MayAsync(PrincipalId principal, SessionId sessionId, CancellationToken cancellationToken)
        => SessionAccess.May(principal, await log.GetHeadAsync(sessionId, cancellationToken));

    // Where nobody has said which agents there are, the worker that claims the run decides, and fails it honestly.
    private async ValueTask<Refusal?> UnknownAgentAsync(RunRequest request, CancellationToken cancellationToken)
        => await agents.OthersThanAsync(request.AgentName, cancellationToken) is { } others
            ? new Refusal(
                ErrorCodes.UnknownAgent, $"There is no such agent. There are: {string.Join(", ", others.Select(agent => agent.Name))}.",
                request.MessageId)
            : null;

    [LoggerMessage(LogLevel.Debug, "A message of session {SessionId} was taken for run {RunId}; known before: {Duplicate}")]
    private partial void LogTaken(SessionId sessionId, RunId runId, bool duplicate);

    [LoggerMessage(LogLevel.Information, "Run {RunId} of session {SessionId} was cancelled by {Administrator}, who may end all runs")]
    private partial void LogEnded(RunId runId, SessionId sessionId, PrincipalId administrator);

    [LoggerMessage(LogLevel.Debug, "A message of session {SessionId} was refused: {Code}")]
    private partial void LogRefused(SessionId sessionId, string? code);
}
