using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Api.Wires;

/// <summary>A worker that plays one of a few runs for each message, by its words: the same ones for every wire.</summary>
internal static class WireScripts
{
    public const string Tools = "use tools";
    public const string Ask = "ask first";
    public const string Fail = "fail";
    public const string Stop = "be cancelled";
    public const string Retry = "be taken back";
    public const string Delegate = "delegate";
    public const string Client = "use mine";

    /// <summary>Plays whatever comes until it is cancelled.</summary>
    public static async Task PlayAsync(ApiHost host, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var signal in host.Queue.ListenAsync(cancellationToken))
            {
                while (signal is WorkAvailable && await host.Queue.ClaimAsync("test", cancellationToken) is { } claim)
                {
                    await PlayAsync(host, claim);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    public static ReasoningStep ToolUse(
        StepId step, ToolCallId call, string name, string arguments, StepId? parent = null, string? agent = null)
        => ScriptedRun.Step(step, StepType.ToolUse, $"{name}({arguments})") with
        {
            ToolName = name,
            ToolCallId = call,
            Arguments = JsonElement.Parse(arguments),
            ParentStepId = parent,
            AgentName = agent,
        };

    public static ReasoningStep ToolResult(
        StepId step, ToolCallId call, string content, bool isError = false, StepId? parent = null, string? agent = null)
        => ScriptedRun.Step(step, StepType.ToolResult, content) with
        {
            ToolCallId = call,
            IsError = isError ? true : null,
            ParentStepId = parent,
            AgentName = agent,
        };

    private static async Task PlayAsync(ApiHost host, RunClaim claim)
    {
        var run = new ScriptedRun(host.Log, host.Queue, claim);
        await run.StartAsync();
        switch (claim.Request.Message)
        {
            case Tools:
                await PlayToolsAsync(run);
                break;
            case Ask when claim.Approvals.Count == 0:
                await run.ParkAsync(Question(run.RunId));
                return;
            case Ask:
                await PlayAnsweredAsync(run, claim.Approvals[0]);
                break;
            case Client when claim.Approvals.Count == 0:
                await PlayClientToolsAsync(run);
                return;
            case Client:
                await PlayResultsAsync(run, claim.Approvals);
                break;
            case Fail:
                await BreakOffAsync(run, "half an ans");
                await run.FinishAsync(RunStatus.Failed, "The model is gone: try again.");
                return;
            case Stop:
                await BreakOffAsync(run, "I begin", () => host.Queue.CancelAsync(claim.Request.SessionId, run.RunId, "client"));
                await run.FinishAsync(RunStatus.Cancelled);
                return;
            case Retry:
                await PlayRetryAsync(run);
                break;
            case Delegate:
                await PlayDelegationAsync(run);
                break;
            default:
                await AnswerAsync(run, "You said ", claim.Request.Message, ".");
                break;
        }

        await run.FinishAsync();
    }

    private static ToolCallId CallOf(RunId runId, int number) => ToolCallId.Create(runId, 1, number);

    private static ToolApprovalRequired Question(RunId runId) => new()
    {
        ToolCallId = CallOf(runId, 0),
        ToolName = "save_note",
        Arguments = JsonElement.Parse("""{"text":"milk"}"""),
        ExpiresAt = DateTimeOffset.UtcNow.AddHours(1),
    };

    private static async Task AnswerAsync(ScriptedRun run, params string[] words)
    {
        var step = run.NewStep();
        await run.DeltasAsync(step, words);
        await run.AnswerAsync(step, string.Concat(words));
    }

    private static async Task BreakOffAsync(ScriptedRun run, string text, Func<ValueTask<CancelResult>>? between = null)
    {
        var step = run.NewStep();
        await run.DeltasAsync(step, text);
        if (between is not null)
        {
            await between();
        }

        await run.AppendAsync(ScriptedRun.Step(step, StepType.FinalAnswer, text) with { CutOff = true });
    }

    private static async Task ThoughtAsync(ScriptedRun run, DeltaType type, params string[] words)
    {
        var step = run.NewStep();
        foreach (var word in words)
        {
            await run.AppendAsync(new StepDelta { StepId = step, StepType = type, Delta = word, Iteration = 1 });
        }

        await run.AppendAsync(ScriptedRun.Step(step, StepType.Thought, string.Concat(words)));
    }

    // A thought, words that turn out to be one, two calls at once of which one fails, the answer.
    private static async Task PlayToolsAsync(ScriptedRun run)
    {
        await ThoughtAsync(run, DeltaType.Thought, "I need ", "two tools.");
        await ThoughtAsync(run, DeltaType.Answer, "Let me ", "look.");
        await run.AppendAsync(
            ToolUse(run.NewStep(), CallOf(run.RunId, 0), "weather", """{"city":"Rome"}"""),
            ToolUse(run.NewStep(), CallOf(run.RunId, 1), "news", "{}"));
        await run.AppendAsync(ToolResult(run.NewStep(), CallOf(run.RunId, 1), "no news", isError: true));
        await run.AppendAsync(ToolResult(run.NewStep(), CallOf(run.RunId, 0), "20 °C"));
        await AnswerAsync(run, "It is ", "20 °C.");
    }

    private static async Task PlayAnsweredAsync(ScriptedRun run, ToolApprovalResolved decision)
    {
        var call = CallOf(run.RunId, 0);
        var arguments = decision.Arguments?.GetRawText() ?? """{"text":"milk"}""";
        await run.AppendAsync(ToolUse(run.NewStep(), call, "save_note", arguments));
        await run.AppendAsync(
            ToolResult(run.NewStep(), call, decision.Approved ? $"saved {arguments}" : "refused", isError: !decision.Approved));
        await AnswerAsync(run, decision.Approved ? "It is " : "It is not ", "saved.");
    }

    // Two tools that the caller brought, both of which have to come with the message.
    private static async Task PlayClientToolsAsync(ScriptedRun run)
    {
        await ThoughtAsync(run, DeltaType.Answer, "I ask ", "you.");
        await run.AppendAsync(new UsageReported { Iteration = 1, InputTokens = 2, OutputTokens = 3, TotalTokens = 5 });
        await run.ParkAsync([.. run.Claim.Request.Tools!.Select((tool, index) => new ToolApprovalRequired
        {
            ToolCallId = CallOf(run.RunId, index),
            ToolName = tool.Name!,
            Arguments = JsonElement.Parse(index == 0 ? """{"city":"Rome"}""" : "{}"),
            ExpiresAt = DateTimeOffset.UtcNow.AddHours(1),
            ClientTool = true,
        })]);
    }

    private static async Task PlayResultsAsync(ScriptedRun run, IReadOnlyList<ToolApprovalResolved> results)
    {
        var tools = run.Claim.Request.Tools!;
        await run.AppendAsync([.. results.Select((result, index) => ToolUse(
            run.NewStep(), result.ToolCallId, tools[index].Name!, index == 0 ? """{"city":"Rome"}""" : "{}"))]);
        foreach (var result in results)
        {
            await run.AppendAsync(ToolResult(run.NewStep(), result.ToolCallId, result.Result!, result.IsError is true));
        }

        await AnswerAsync(run, "It is ", string.Join(", ", results.Select(result => result.Result)), ".");
    }

    // The stream breaks off, and the reply is asked for again.
    private static async Task PlayRetryAsync(ScriptedRun run)
    {
        var (thought, lost) = (run.NewStep(), run.NewStep());
        await run.AppendAsync(new StepDelta { StepId = thought, StepType = DeltaType.Thought, Delta = "wrong thought", Iteration = 1 });
        await run.AppendAsync(ScriptedRun.Step(thought, StepType.Thought, "wrong thought"));
        await run.DeltasAsync(lost, "wrong ", "answ");
        await run.AppendAsync(new StepSuperseded { StepIds = [thought, lost], Reason = SupersededReason.Retried });
        await AnswerAsync(run, "the right ", "one");
    }

    private static async Task PlayDelegationAsync(ScriptedRun run)
    {
        var (use, thought) = (run.NewStep(), run.NewStep());
        var (outer, inner) = (CallOf(run.RunId, 0), CallOf(run.RunId, 1));
        await run.AppendAsync(ToolUse(use, outer, "delegate", """{"to":"researcher"}"""));
        await run.AppendAsync(new StepDelta
        {
            StepId = thought, StepType = DeltaType.Thought, Delta = "I look", Iteration = 1, ParentStepId = use, AgentName = "researcher",
        });
        await run.AppendAsync(ScriptedRun.Step(thought, StepType.Thought, "I look") with { ParentStepId = use, AgentName = "researcher" });
        await run.AppendAsync(ToolUse(run.NewStep(), inner, "search", "{}", use, "researcher"));
        await run.AppendAsync(ToolResult(run.NewStep(), inner, "found", parent: use, agent: "researcher"));
        await run.AppendAsync(ToolResult(run.NewStep(), outer, "It is 42."));
        await AnswerAsync(run, "42", ".");
    }
}
