using System.Diagnostics;
using AgentStream.Api.Commands;

namespace AgentStream.Tests.Api.Commands;

public sealed class TraceContextTests
{
    private const string Valid = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public void From_AValidTraceparent_KeepsItWithItsState()
        => Assert.Equal(new TraceContext(Valid, "a=1"), TraceContext.From(Valid, "a=1"));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01")]
    public void From_NoValidTraceparent_BeginsATraceWithoutForeignState(string? traceparent)
    {
        Activity.Current = null;
        var trace = TraceContext.From(traceparent, "a=1");
        Assert.True(ActivityContext.TryParse(trace.Traceparent, null, out var context));
        Assert.NotEqual(default, context.TraceId);
        Assert.Null(trace.Tracestate);
    }

    [Fact]
    public void From_TheActivityUnderWay_GoesOnWithIt()
    {
        using var activity = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        Assert.Equal(activity.Id, TraceContext.From(null, null).Traceparent);
    }
}
