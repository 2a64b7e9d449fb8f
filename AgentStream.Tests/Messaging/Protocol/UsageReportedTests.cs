using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Tests.Messaging.Protocol;

public sealed class UsageReportedTests
{
    [Fact]
    public void Of_AUsage_ReportsAllOfIt()
    {
        var usage = new TokenUsage
        {
            InputTokens = 1,
            OutputTokens = 2,
            TotalTokens = 3,
            ReasoningTokens = 4,
            CachedTokens = 5,
            Estimated = true,
            TimeToFirstTokenMs = 6,
            TokensPerSecond = 7,
            Model = "m",
            Cost = 0.5m,
        };

        // A member that came later and that nobody copies would stand at its default here, and differ below.
        Assert.All(
            typeof(TokenUsage).GetProperties(),
            property => Assert.NotEqual(property.GetValue(new TokenUsage()), property.GetValue(usage)));
        var reported = UsageReported.Of(usage, 8, StepId.Parse("r1-1-1"));

        Assert.Equal((8, StepId.Parse("r1-1-1")), (reported.Iteration, reported.StepId));
        Assert.Equal(usage, reported.ToUsage());
    }
}
