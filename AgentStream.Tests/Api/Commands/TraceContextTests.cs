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
    [InlineData("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more")]
    [InlineData(" 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    public void From_NoValidTraceparent_BeginsATraceWithoutForeignState(string? traceparent)
    {
        Activity.Current = null;
        var trace = TraceContext.From(traceparent, "a=1");
        Assert.True(ActivityContext.TryParse(trace.Traceparent, null, out var context));
        Assert.NotEqual(default, context.TraceId);
        Assert.Null(trace.Tracestate);
    }

    [Theory]
    [InlineData("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-will-be-like", Valid)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff", Valid)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")]
    public void From_FlagsOrAVersionThatNobodyKnowsYet_GoesOnInTheVersionThatThisOneSpeaks(string traceparent, string expected)
        => Assert.Equal(expected, TraceContext.From(traceparent, null).Traceparent);

    [Theory]
    [InlineData("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE")]
    [InlineData("tenant1@vendor=a b!~, b-2_*/x=1 ,,\tc=d")]
    public void From_ATracestateByTheRules_KeepsIt(string tracestate)
        => Assert.Equal(tracestate, TraceContext.From(Valid, tracestate).Tracestate);

    [Theory]
    [InlineData("")]
    [InlineData(" , ")]
    [InlineData("nonsense")]
    [InlineData("Upper=1")]
    [InlineData("a=1,a=2")]
    [InlineData("a=1\r\nX-Evil: 1")]
    [InlineData("a=1\n")]
    [InlineData("a=ü")]
    [InlineData("a=b=c")]
    [InlineData("=1")]
    public void From_ATracestateAgainstTheRules_DropsItAndKeepsTheTrace(string tracestate)
        => Assert.Equal(new TraceContext(Valid, null), TraceContext.From(Valid, tracestate));

    [Fact]
    public void From_ATracestateWithoutMeasure_DropsIt()
    {
        Assert.NotNull(TraceContext.From(Valid, string.Join(',', Enumerable.Range(0, 32).Select(number => $"k{number}=1"))).Tracestate);
        Assert.Null(TraceContext.From(Valid, string.Join(',', Enumerable.Range(0, 33).Select(number => $"k{number}=1"))).Tracestate);
        Assert.NotNull(TraceContext.From(Valid, $"a={new string('x', 250)},b={new string('x', 250)}").Tracestate);
        Assert.Null(TraceContext.From(
            Valid, string.Join(',', Enumerable.Range(0, 4).Select(number => $"k{number}={new string('x', 200)}"))).Tracestate);
        Assert.Null(TraceContext.From(Valid, $"a={new string('x', 257)}").Tracestate);
    }

    [Fact]
    public void From_TheActivityUnderWay_TakesOverNoStateAgainstTheRules()
    {
        using var activity = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        activity.TraceStateString = "a=1,b";
        Assert.Equal(new TraceContext(activity.Id!, null), TraceContext.From(null, null));
    }

    [Fact]
    public void From_TheActivityUnderWay_GoesOnWithIt()
    {
        using var activity = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        Assert.Equal(activity.Id, TraceContext.From(null, null).Traceparent);
    }
}
