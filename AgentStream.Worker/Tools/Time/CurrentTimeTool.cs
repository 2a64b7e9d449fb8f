using System.ComponentModel;
using System.Globalization;

namespace AgentStream.Worker.Tools.Time;

/// <summary><c>current_time</c>: the date and time in any IANA time zone.</summary>
internal static class CurrentTimeTool
{
    public const string Name = "current_time";

    public static AgentTool Create(TimeProvider time) => new(ToolFunction.Create(
        ([Description(
            "IANA time zone id such as \"Europe/Berlin\", \"America/New_York\" or \"Asia/Tokyo\". Leave it out for "
                + "UTC.")] string? time_zone = null) =>
            Now(time, time_zone),
        Name,
        "Tells the current date and time as ISO 8601 with offset, the weekday and the time zone. Use it whenever the answer depends on the "
        + "present date or time: you do not know it otherwise. "
            + "Call it once for each time zone that is needed."))
    {
        IsIdempotent = true,
        IsConcurrencySafe = true,
    };

    private static string Now(TimeProvider time, string? zoneId)
    {
        var zone = TimeZones.Find(zoneId);
        var now = TimeZoneInfo.ConvertTime(time.GetUtcNow(), zone);
        return $"{now.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture)} ({now.DayOfWeek}, {zone.Id})";
    }
}
