using AgentStream.Api.Commands;
using AgentStream.Api.Wires.OpenAI.Calls;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Wires.OpenAI.Responses;

/// <summary>Finds the runs of responses, and the place in a session where a response goes on from another.</summary>
internal static class ResponseRuns
{
    private const int PageSize = 50;

    private static Refusal LeftConversation { get; } = new(
        ErrorCodes.InvalidOption,
        "This response is no part of its conversation any more: another went on from one before it. Go on from that one.",
        Param: "previous_response_id");

    /// <summary>The run of a response. Whatever is in the way, it is not there.</summary>
    public static async ValueTask<Answer<FoundRun>> FindAsync(WireCommands commands, HttpContext context, ResponseId id)
        => (await FoundRun.FindAsync(commands, context, id.SessionId, id.Queued, id.RunId)).IsRefused(out _, out var run)
            ? ResponseRequestReader.NoSuchResponse
            : run;

    /// <summary>The response as it stands.</summary>
    /// <param name="run">Its run.</param>
    /// <param name="id">Its id.</param>
    /// <param name="part">What of the run it is.</param>
    public static ResponseBody Of(FoundRun run, string id, int part)
    {
        var fold = FoldOf(run, id, part);
        foreach (var runEvent in run.Tell())
        {
            fold.Take(runEvent);
        }

        fold.Pause();
        return fold.Response;
    }

    public static ResponseFold FoldOf(FoundRun run, string id, int part)
        => new(id, run.Message.Seq, run.Message.QueuedAt, run.SessionId, new RunPart(part));

    /// <summary>The results of calls, for the run of a response that asked for them.</summary>
    public static ValueTask<Answer<GoneOn>> GoOnAsync(
        WireCommands commands, HttpContext context, ResponseId? previous, IReadOnlyList<CallResult> results)
    {
        if (previous is { } response && results.Any(result => result.Call.SessionId != response.SessionId))
        {
            return ValueTask.FromResult<Answer<GoneOn>>(
                OpenAIError.Of("previous_response_id takes the response that asked for these calls.", "previous_response_id"));
        }

        return CallResults.GiveAsync(context, commands, results);
    }

    /// <summary>
    /// The message as it has to be sent to go on from a response: what came after that leaves the conversation, as in one that is edited.
    /// </summary>
    public static async ValueTask<Answer<ChatPayload>> GoOnAsync(
        WireCommands commands, HttpContext context, ResponseId previous, ChatPayload payload)
    {
        if ((await FindAsync(commands, context, previous)).IsRefused(out var refusal, out var run))
        {
            return refusal with { Param = "previous_response_id" };
        }

        if (run.Message.ReplacedBy is not null)
        {
            return LeftConversation;
        }

        if (run.Page.ActiveRun is { } active && active.RunId == run.Message.RunId && CallResults.PendingOf(active).Count > 0)
        {
            return CallResults.Wanted with { Param = "input" };
        }

        TranscriptMessage? next = null;
        Offset? before = null;
        while (true)
        {
            if ((await commands.TranscriptAsync(context, previous.SessionId, before, PageSize)).IsRefused(out var gone, out var page))
            {
                return gone;
            }

            foreach (var message in page.Messages.Reverse().TakeWhile(message => message.Seq > previous.Queued))
            {
                // It was sent before: what it replaced then, it replaces.
                if (payload.MessageId is { } sent && message.MessageId.Value == sent)
                {
                    return payload with { ReplacesRunId = message.ReplacesRunId?.Value };
                }

                next = message.ReplacedBy is null ? message : next;
            }

            if (!page.HasMore || page.Messages is not [var first, ..] || first.Seq <= previous.Queued)
            {
                return payload with { ReplacesRunId = next?.RunId.Value };
            }

            before = first.Seq;
        }
    }
}
