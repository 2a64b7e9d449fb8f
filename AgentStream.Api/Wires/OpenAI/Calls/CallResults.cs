using AgentStream.Api.Commands;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Wires.OpenAI.Calls;

/// <summary>The result of a call that the caller has executed.</summary>
/// <param name="Call">The call.</param>
/// <param name="Text">What came of it.</param>
internal sealed record CallResult(CallId Call, string Text)
{
    /// <summary>The result, where its id is one of a call.</summary>
    public static Answer<CallResult> Read(string? id, string text, string param)
        => CallId.TryParse(id, out var call)
            ? new CallResult(call, text)
            : OpenAIError.Of($"{param} takes the id of a call that an agent asked for.", param);
}

/// <summary>A run that goes on with results.</summary>
/// <param name="Run">The run.</param>
/// <param name="Part">The part that begins with them.</param>
internal sealed record GoneOn(FoundRun Run, int Part);

/// <summary>Gives a run the results that it waits for.</summary>
internal static class CallResults
{
    private static readonly Refusal NoSuchCall = new(
        ErrorCodes.NoSuchApproval, "No such call waits for a result: it never was, its run is over, or its session was erased.");

    /// <summary>Told where something else is said while calls wait.</summary>
    public static Refusal Wanted { get; } = new(
        ErrorCodes.InvalidOption, "The run waits for the results of its calls: send one for each of them.");

    /// <summary>
    /// Takes the results of all calls that were asked for together. Those that were given before are no news: the request may be here for
    /// the second time.
    /// </summary>
    public static async ValueTask<Answer<GoneOn>> GiveAsync(HttpContext context, WireCommands commands, IReadOnlyList<CallResult> results)
    {
        var sessionId = results[0].Call.SessionId;
        if (results.Any(result => result.Call.SessionId != sessionId))
        {
            return NoSuchCall;
        }

        if ((await commands.SnapshotAsync(context, sessionId)).IsRefused(out var refusal, out var snapshot))
        {
            return refusal;
        }

        var last = results[^1].Call.ToolCallId;
        var waiting = PendingOf(snapshot.ActiveRun);
        var message = waiting.Contains(last)
            ? snapshot.Messages.FirstOrDefault(message => message.RunId == snapshot.ActiveRun!.RunId)
            : snapshot.Messages.LastOrDefault(message => message.Approvals?.Any(
                call => call.ToolCallId == last && call.ClientTool is true) == true);
        if (message is null)
        {
            return NoSuchCall;
        }

        if (waiting.Contains(last))
        {
            if (waiting.Except(results.Select(result => result.Call.ToolCallId)).Any())
            {
                return Wanted;
            }

            foreach (var result in results.Where(result => waiting.Contains(result.Call.ToolCallId)))
            {
                var payload = new ToolResultPayload
                {
                    RunId = message.RunId.Value,
                    ToolCallId = result.Call.ToolCallId.Value,
                    Result = result.Text,
                };
                if (await commands.GiveResultAsync(context, sessionId, payload) is { } problem
                    && problem.Code != ErrorCodes.AlreadyAnswered)
                {
                    return problem;
                }
            }
        }

        if ((await FoundRun.FindAsync(commands, context, sessionId, message.Seq, message.RunId)).IsRefused(out var gone, out var run))
        {
            return gone;
        }

        return RunPart.NumberOf(run.Tell(), last) is { } number ? new GoneOn(run, number + 1) : NoSuchCall;
    }

    /// <summary>The calls that wait for their caller.</summary>
    public static IReadOnlySet<ToolCallId> PendingOf(ActiveRun? run)
        => (run?.PendingApprovals ?? []).Where(call => call.ClientTool is true).Select(call => call.ToolCallId).ToHashSet();
}
