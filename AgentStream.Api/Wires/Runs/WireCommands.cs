using System.Text.Json.Serialization.Metadata;
using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Http.Endpoints;
using AgentStream.Messaging;
using AgentStream.Messaging.Agents;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;
using Microsoft.Extensions.Options;

namespace AgentStream.Api.Wires.Runs;

/// <summary>The commands of a session for whoever asks over a wire of others: the same checks, limits and traces as over ours.</summary>
internal sealed class WireCommands(
    SessionCommands commands,
    SessionAccess access,
    CallerLimits limits,
    ISessionLog log,
    RunWaiter answers,
    IOptions<ApiOptions> options,
    IHostApplicationLifetime lifetime)
{
    /// <summary>Reads the request's body.</summary>
    public ValueTask<Answer<T>> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> typeInfo)
        where T : class
        => JsonBody.ReadAsync(context.Request, typeInfo, options.Value.MaxFrameBytes);

    /// <summary>Whether the caller still is who they were recognised as.</summary>
    public bool IsGood(HttpContext context) => access.IsGood(context);

    /// <summary>Whether this server is going away, so that its clients are cut off by it.</summary>
    public bool IsStopping => lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>The agents that can be asked.</summary>
    public ValueTask<IReadOnlyList<AgentDescription>> AgentsAsync(CancellationToken cancellationToken)
        => commands.AgentsAsync(cancellationToken);

    /// <summary>Takes a message and queues its run.</summary>
    public async ValueTask<Answer<Accepted>> ChatAsync(HttpContext context, SessionId sessionId, ChatPayload payload)
        => Check(context, new ChatCommand(payload)) is { } refusal
            ? refusal
            : await commands.ChatAsync(
                SessionAccess.PrincipalOf(context), limits.AddressOf(context), sessionId, payload, context.RequestAborted);

    /// <summary>Cancels a run; <c>null</c>: the one under way.</summary>
    /// <param name="context">The client's request.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="runId">The run.</param>
    /// <param name="isGone">Whether it is cancelled because its client has gone, where a wire takes that for a cancel.</param>
    public async ValueTask<Answer<Cancelled>> CancelAsync(HttpContext context, SessionId sessionId, RunId? runId, bool isGone = false)
    {
        var cancellationToken = isGone ? CancellationToken.None : context.RequestAborted;
        var payload = new CancelPayload { RunId = runId?.Value };
        return Check(context, new CancelCommand(payload)) is { } refusal
            ? refusal
            : await commands.CancelAsync(SessionAccess.PrincipalOf(context), sessionId, payload, cancellationToken);
    }

    /// <summary>Answers a tool call that waits for a person.</summary>
    public async ValueTask<Refusal?> ApproveAsync(HttpContext context, SessionId sessionId, ToolApprovalPayload payload)
        => Check(context, new ApprovalCommand(payload))
            ?? await commands.ApproveAsync(SessionAccess.PrincipalOf(context), sessionId, payload, context.RequestAborted);

    /// <summary>Gives the result of a tool call that its caller executes.</summary>
    public async ValueTask<Refusal?> GiveResultAsync(HttpContext context, SessionId sessionId, ToolResultPayload payload)
        => Check(context, new ResultCommand(payload))
            ?? await commands.GiveResultAsync(SessionAccess.PrincipalOf(context), sessionId, payload, context.RequestAborted);

    /// <summary>The session as it is now; one that nobody wrote to has no messages.</summary>
    public async ValueTask<Answer<SnapshotData>> SnapshotAsync(HttpContext context, SessionId sessionId)
    {
        var snapshot = await log.SnapshotAsync(sessionId, context.RequestAborted);

        // Whose it is, after it was read: the session of before may have been erased in between, and belong to somebody else.
        var head = await log.GetHeadAsync(sessionId, context.RequestAborted);
        return SessionAccess.MayRead(SessionAccess.CallerOf(context), head) ? snapshot.Data : CallerRefusals.NoSuchSession;
    }

    /// <summary>
    /// The messages before an offset, oldest first, at most <paramref name="limit"/> of them. Refused also where there is no session.
    /// </summary>
    public ValueTask<Answer<TranscriptPage>> TranscriptAsync(HttpContext context, SessionId sessionId, Offset? before, int limit)
        => commands.ReadAsync(SessionAccess.CallerOf(context), sessionId, before, limit, context.RequestAborted);

    /// <summary>
    /// Waits for the end of a run that was accepted, or until it wants its caller to execute calls, for a client that does not stream.
    /// </summary>
    /// <param name="context">The client's request, which ends the waiting when it is cut.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="accepted">The run.</param>
    /// <param name="cancellationToken">Ends the waiting earlier.</param>
    public async ValueTask<Answer<MessageAnswer>> WaitAsync(
        HttpContext context, SessionId sessionId, Accepted accepted, CancellationToken cancellationToken = default)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, lifetime.ApplicationStopping, cancellationToken);
        try
        {
            var answer = await answers.WaitAsync(
                SessionAccess.PrincipalOf(context), sessionId, accepted, waiting.Token, orUntilCalls: true);
            return access.IsGood(context) ? answer : CallerRefusals.Unauthenticated;
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return new Refusal(ErrorCodes.ShuttingDown, "This server restarts and the run goes on: ask again to wait for it.");
        }
    }

    /// <summary>Waits until a run is over, or waits for a person itself.</summary>
    /// <param name="context">The client's request, which ends the waiting when it is cut.</param>
    /// <param name="address">The run.</param>
    /// <param name="cancellationToken">Ends the waiting earlier.</param>
    public async ValueTask<Answer<FoundRun>> SettleAsync(
        HttpContext context, RunAddress address, CancellationToken cancellationToken = default)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, lifetime.ApplicationStopping, cancellationToken);
        try
        {
            while (true)
            {
                // The head first: what happens between the two reads is then followed again, and not missed.
                var head = await log.GetHeadAsync(address.SessionId, waiting.Token);
                if (!access.IsGood(context))
                {
                    return CallerRefusals.Unauthenticated;
                }

                if ((await FoundRun.FindAsync(this, context, address)).IsRefused(out var gone, out var run))
                {
                    return gone;
                }

                if (run.IsOver || run.Questions.Count > 0)
                {
                    return run;
                }

                await NewsAsync(head, address.RunId, waiting.Token);
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return new Refusal(ErrorCodes.ShuttingDown, "This server restarts and the run goes on: ask again to wait for it.");
        }
    }

    // Returns when there may be something new, or when the log can't tell any more and the transcript has to be asked again.
    private async Task NewsAsync(SessionHead head, RunId runId, CancellationToken cancellationToken)
    {
        await foreach (var batch in log.FollowAsync(head.SessionId, new Cursor(head.Epoch, head.LastSeq), cancellationToken))
        {
            if (batch.Resync is not null
                || batch.Entries.Any(entry => entry.RunId == runId && entry.Event is RunFinished or ToolApprovalRequired))
            {
                return;
            }
        }

        throw new StoreUnavailableException("The log stopped telling what comes.");
    }

    private Refusal? Check(HttpContext context, ClientCommand command) => access.PermitOf(context).Check(command);
}
