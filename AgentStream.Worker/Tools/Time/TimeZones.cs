using System.Buffers;

namespace AgentStream.Worker.Tools.Time;

/// <summary>Finds time zones by IANA id, and what might have been meant where there is none of that name.</summary>
internal static class TimeZones
{
    private const int MaxIdLength = 64;
    private const int MaxSuggestions = 5;

    // The system looks ids up as file names: nothing else than the characters of an id goes there.
    private static readonly SearchValues<char> IdCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+/");

    /// <param name="id">An IANA id, in any case; null or empty is UTC.</param>
    /// <exception cref="ToolException">There is no such zone, or this machine knows none.</exception>
    public static TimeZoneInfo Find(string? id)
    {
        var wanted = (id ?? "").Trim().Replace(' ', '_');
        if (wanted.Length == 0
            || wanted.Equals("Z", StringComparison.OrdinalIgnoreCase)
            || wanted.Equals("UTC", StringComparison.OrdinalIgnoreCase))
        {
            return TimeZoneInfo.Utc;
        }

        if (wanted.Length <= MaxIdLength && !wanted.AsSpan().ContainsAnyExcept(IdCharacters)
            && TimeZoneInfo.TryFindSystemTimeZoneById(wanted, out var exact))
        {
            return exact;
        }

        var known = TimeZoneInfo.GetSystemTimeZones();
        if (known.Count <= 1)
        {
            throw new ToolException(
                "This machine has no time zone data, so only UTC is known. Call again without time_zone, and say that the answer is in "
                    + "UTC.");
        }

        return known.FirstOrDefault(zone => zone.Id.Equals(wanted, StringComparison.OrdinalIgnoreCase))
            ?? throw new ToolException(Unknown(wanted, known));
    }

    private static string Unknown(string wanted, IEnumerable<TimeZoneInfo> known)
    {
        var shown = wanted.Length <= MaxIdLength ? wanted : wanted[..MaxIdLength] + "...";
        var near = NearMatches.Of(wanted, known.Select(zone => zone.Id), MaxSuggestions);
        return near.Count == 0
            ? $"There is no time zone '{shown}'. Use an IANA id: the region, a slash and its largest city, for example \"Europe/Paris\"."
            : $"There is no time zone '{shown}'. Did you mean {string.Join(", ", near)}?";
    }
}
