using AgentStream.Api.Commands;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Tests.Api.Commands;

public sealed class HistoryRulesTests
{
    [Fact]
    public void History_WithinItsLimits_IsTaken()
    {
        Assert.Null(HistoryRules.ProblemOf(null));
        Assert.Null(HistoryRules.ProblemOf([]));
        Assert.Null(HistoryRules.ProblemOf([.. Enumerable.Repeat(Message(1_000), HistoryRules.MaxMessages)]));
    }

    [Fact]
    public void History_BeyondThem_NamesThem()
    {
        Assert.Contains(
            $"{HistoryRules.MaxMessages}", HistoryRules.ProblemOf([.. Enumerable.Repeat(Message(1), HistoryRules.MaxMessages + 1)]),
            StringComparison.Ordinal);
        Assert.Contains(
            $"{HistoryRules.MaxCharacters}", HistoryRules.ProblemOf([Message(HistoryRules.MaxCharacters), Message(1)]),
            StringComparison.Ordinal);
    }

    private static HistoryMessage Message(int length) => new() { Role = "user", Content = new string('x', length) };
}
