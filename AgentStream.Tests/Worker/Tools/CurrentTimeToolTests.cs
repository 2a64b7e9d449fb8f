using AgentStream.Worker.Tools;
using AgentStream.Worker.Tools.Time;

namespace AgentStream.Tests.Worker.Tools;

public sealed class CurrentTimeToolTests
{
    private static readonly AgentTool Tool =
        CurrentTimeTool.Create(new FakeTimeProvider(new DateTimeOffset(2026, 7, 31, 22, 30, 5, TimeSpan.Zero)));

    [Theory]
    [InlineData("{}", "2026-07-31T22:30:05+00:00 (Friday, UTC)")]
    [InlineData("""{"time_zone":null}""", "2026-07-31T22:30:05+00:00 (Friday, UTC)")]
    [InlineData("""{"time_zone":"utc"}""", "2026-07-31T22:30:05+00:00 (Friday, UTC)")]
    [InlineData("""{"time_zone":"Europe/Berlin"}""", "2026-08-01T00:30:05+02:00 (Saturday, Europe/Berlin)")]
    [InlineData("""{"time_zone":"america/new york"}""", "2026-07-31T18:30:05-04:00 (Friday, America/New_York)")]
    [InlineData("""{"time_zone":"Asia/Kolkata"}""", "2026-08-01T04:00:05+05:30 (Saturday, Asia/Kolkata)")]
    public async Task CurrentTime_OfAZone_IsIsoWithOffsetWeekdayAndZone(string arguments, string text) =>
        Assert.Equal(text, await Tool.CallAsync(arguments));

    [Theory]
    [InlineData("Europe/Berlni", "Europe/Berlin")]
    [InlineData("Tokio", "Asia/Tokyo")]
    [InlineData("New York", "America/New_York")]
    [InlineData("../../etc/passwd", "There is no time zone")]
    [InlineData("Atlantis", "IANA id")]
    public async Task CurrentTime_OfAnUnknownZone_SuggestsWhatWasMeant(string zone, string part)
    {
        var problem = await Assert.ThrowsAsync<ToolException>(() => Tool.CallAsync($$"""{"time_zone":"{{zone}}"}"""));

        Assert.Contains(part, problem.Message, StringComparison.Ordinal);
    }
}
