using System.Globalization;
using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Running.Calls;
using AgentStream.Worker.Running.Checkpoints;

namespace AgentStream.Worker.Running.ReAct;

/// <summary>Keeps a run to the money that it may cost: asks a person for more where the agent's limits say so, or else ends it.</summary>
/// <remarks>It asks as for leave to call a tool, so that whoever can answer that can answer this. The model hears nothing of it.</remarks>
internal sealed class SpendingGate(RunAttempt attempt, TimeProvider time)
{
    /// <summary>What is asked for.</summary>
    private const string Name = "spend_more";

    /// <summary>How much more, in the arguments: a person may change it.</summary>
    private const string Amount = "amount";

    /// <summary>What comes before the next reply: a question, what became of it, or the end. <c>null</c>: the run goes on.</summary>
    public LoopOutput? Next()
    {
        var (limits, answers) = (attempt.Limits, attempt.State.Spending);
        var allowed = limits.MaxCost + answers.Sum();
        var cost = attempt.State.Cost(attempt.Run.PriceOf) ?? 0;
        if (limits.MaxCost == 0 || cost < allowed)
        {
            return null;
        }

        if (!limits.AskAtMaxCost || answers is [.., 0m])
        {
            return attempt.Failed([], null, RunErrors.Cost(cost, allowed));
        }

        var id = attempt.SpendingId(answers.Count);
        return attempt.Run.Approvals.FirstOrDefault(decision => decision.ToolCallId == id) is { } decision
            ? Answered(decision, allowed)
            : Ask(id, cost);
    }

    private LoopPark Ask(ToolCallId id, decimal cost)
    {
        var question = new ToolApprovalRequired
        {
            ToolCallId = id,
            ToolName = Name,
            Arguments = JsonElement.Parse(string.Create(
                CultureInfo.InvariantCulture, $$"""{"{{Amount}}":{{attempt.Limits.MaxCost}},"spent":{{decimal.Round(cost, 6)}}}""")),
            ExpiresAt = time.GetUtcNow() + attempt.Limits.ApprovalTimeout,
        };
        return new LoopPark([question], null, attempt.Finished(RunStatus.Cancelled));
    }

    private LoopCommit Answered(ToolApprovalResolved decision, decimal allowed)
    {
        var record = new SpendingAnswered(decision.Approved ? AmountOf(decision) : 0);
        var words = record.Amount > 0
            ? string.Create(CultureInfo.InvariantCulture, $"The run may cost {allowed + record.Amount:0.####} in all.")
            : decision.Expired == true ? "Nobody answered in time: the run may not cost more."
            : "A person refused: the run may not cost more.";
        var arguments = decision.Arguments is { } given ? given.GetRawText() : "";
        var call = new RecordedCall(decision.ToolCallId, decision.ToolCallId.Value, Name, arguments);
        var iteration = Math.Max(1, attempt.Iteration);
        attempt.State.Apply(record);
        return new LoopCommit(
            [
                attempt.Steps.ToolUse(call, iteration),
                attempt.Steps.ToolResult(call, iteration, new ToolOutcome(words) { IsError = record.Amount == 0 }),
            ],
            record);
    }

    // What makes no sense counts as what was asked for: somebody agreed.
    private decimal AmountOf(ToolApprovalResolved decision)
        => decision.Arguments is { ValueKind: JsonValueKind.Object } arguments
            && arguments.TryGetProperty(Amount, out var given)
            && given.ValueKind == JsonValueKind.Number
            && given.TryGetDecimal(out var amount)
            && amount > 0
                ? amount
                : attempt.Limits.MaxCost;
}
