using System.Globalization;
using AgentStream.Api.Commands;
using AgentStream.Api.Wires.JsonRpc;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Wires.Mcp;

/// <summary>Calls that outlive their request: a run, as it stands.</summary>
internal static class McpTasks
{
    private const string Working = "working";
    private const long PollInterval = 1000;

    private static readonly Refusal NoSuchTask = new(ErrorCodes.UnknownRun, "There is no such task: it was erased, or is somebody else's.");

    /// <summary>The task that a call has become.</summary>
    public static RpcAnswer Begin(McpRequest request, FoundRun run)
        => McpAnswers.Of(request.Revision, request.Id, Of(run, Working) with { ResultType = "task" }, McpJson.Wire.McpTask);

    public static async Task<RpcAnswer> GetAsync(HttpContext context, WireCommands commands, McpRequest request)
        => (await FindAsync(context, commands, request)).IsRefused(out var refusal, out var run)
            ? McpAnswers.Of(request.Id, refusal)
            : McpAnswers.Of(request.Revision, request.Id, Of(run, request.CanAsk), McpJson.Wire.McpTask);

    /// <summary>Takes answers to its questions. Those that are answered already, or never were asked, are no news.</summary>
    public static async Task<RpcAnswer> UpdateAsync(HttpContext context, WireCommands commands, McpRequest request)
    {
        if ((await FindAsync(context, commands, request)).IsRefused(out var unknown, out var run))
        {
            return McpAnswers.Of(request.Id, unknown);
        }

        return await AnswerAsync(context, commands, request, run) is { } refusal
            ? McpAnswers.Of(request.Id, refusal)
            : McpAnswers.Of(request.Revision, request.Id, new McpNothing(), McpJson.Wire.McpNothing);
    }

    public static async Task<RpcAnswer> CancelAsync(HttpContext context, WireCommands commands, McpRequest request)
    {
        if ((await FindAsync(context, commands, request)).IsRefused(out var unknown, out var run))
        {
            return McpAnswers.Of(request.Id, unknown);
        }

        return (await commands.CancelAsync(context, run.SessionId, run.Message.RunId)).IsRefused(out var refusal, out _)
            && refusal.Code != ErrorCodes.NothingToCancel
                ? McpAnswers.Of(request.Id, refusal)
                : McpAnswers.Of(request.Revision, request.Id, new McpNothing(), McpJson.Wire.McpNothing);
    }

    /// <summary>Gives the answers of a request to those of a run's questions that are open.</summary>
    public static async ValueTask<Refusal?> AnswerAsync(HttpContext context, WireCommands commands, McpRequest request, FoundRun run)
    {
        foreach (var question in run.Questions)
        {
            if (request.Message["inputResponses"].Member(question.ToolCallId.Value) is { } answer
                && await commands.ApproveAsync(
                    context, run.SessionId, McpQuestion.AnswerOf(run.Address, question.ToolCallId.Value, answer)) is { } refusal
                && refusal.Code is not (ErrorCodes.AlreadyAnswered or ErrorCodes.NoSuchApproval))
            {
                return refusal;
            }
        }

        return null;
    }

    private static async ValueTask<Answer<FoundRun>> FindAsync(HttpContext context, WireCommands commands, McpRequest request)
        => !RunAddress.TryParse(request.Message["taskId"].Text(), out var address)
            || (await FoundRun.FindAsync(commands, context, address)).IsRefused(out _, out var run)
                ? NoSuchTask
                : run;

    private static McpTask Of(FoundRun run, bool canAsk)
    {
        switch (run.Message.Status)
        {
            case MessageStatus.Completed or MessageStatus.Failed:
                var fold = new McpFold(run.Address);
                foreach (var runEvent in run.Tell())
                {
                    fold.Take(runEvent.Event);
                }

                // That the agent failed is a result, too: failed are only calls that were none.
                return Of(run, "completed") with { Result = fold.Result };
            case MessageStatus.Cancelled:
                return Of(run, "cancelled");
            case MessageStatus.Waiting when run.Questions is { Count: > 0 } questions:
                var first = McpQuestion.Of(questions[0].ToolName, questions[0].Arguments).Message;
                return canAsk
                    ? Of(run, "input_required") with
                    {
                        StatusMessage = first,
                        InputRequests = McpQuestion.All(questions.Select(one => (one.ToolCallId, one.ToolName, one.Arguments))),
                    }
                    : Of(run, Working) with { StatusMessage = first };
            default:
                return Of(run, Working);
        }
    }

    private static McpTask Of(FoundRun run, string status)
    {
        var message = run.Message;
        return new McpTask(
            run.Address.ToString(), status, Time(message.QueuedAt), Time(message.FinishedAt ?? message.StartedAt ?? message.QueuedAt),
            PollInterval);
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
