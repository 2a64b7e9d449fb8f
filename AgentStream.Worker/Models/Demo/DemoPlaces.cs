namespace AgentStream.Worker.Models.Demo;

/// <summary>
/// Places whose time people ask for, and their zones. Others go to the tool as they are: it knows what might have been meant.
/// </summary>
internal static class DemoPlaces
{
    private static readonly Dictionary<string, string> Zones = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Amsterdam"] = "Europe/Amsterdam",
        ["Athens"] = "Europe/Athens",
        ["Bangkok"] = "Asia/Bangkok",
        ["Beijing"] = "Asia/Shanghai",
        ["Berlin"] = "Europe/Berlin",
        ["Brussels"] = "Europe/Brussels",
        ["Buenos Aires"] = "America/Argentina/Buenos_Aires",
        ["Cairo"] = "Africa/Cairo",
        ["Chicago"] = "America/Chicago",
        ["Delhi"] = "Asia/Kolkata",
        ["Denver"] = "America/Denver",
        ["Dubai"] = "Asia/Dubai",
        ["Hong Kong"] = "Asia/Hong_Kong",
        ["India"] = "Asia/Kolkata",
        ["Istanbul"] = "Europe/Istanbul",
        ["Japan"] = "Asia/Tokyo",
        ["Johannesburg"] = "Africa/Johannesburg",
        ["Lagos"] = "Africa/Lagos",
        ["Lisbon"] = "Europe/Lisbon",
        ["London"] = "Europe/London",
        ["Los Angeles"] = "America/Los_Angeles",
        ["Madrid"] = "Europe/Madrid",
        ["Mexico City"] = "America/Mexico_City",
        ["Moscow"] = "Europe/Moscow",
        ["Mumbai"] = "Asia/Kolkata",
        ["Nairobi"] = "Africa/Nairobi",
        ["New York"] = "America/New_York",
        ["Paris"] = "Europe/Paris",
        ["Rome"] = "Europe/Rome",
        ["San Francisco"] = "America/Los_Angeles",
        ["São Paulo"] = "America/Sao_Paulo",
        ["Seattle"] = "America/Los_Angeles",
        ["Seoul"] = "Asia/Seoul",
        ["Singapore"] = "Asia/Singapore",
        ["Stockholm"] = "Europe/Stockholm",
        ["Sydney"] = "Australia/Sydney",
        ["Tokyo"] = "Asia/Tokyo",
        ["Toronto"] = "America/Toronto",
        ["UTC"] = "UTC",
        ["Vienna"] = "Europe/Vienna",
        ["Zurich"] = "Europe/Zurich",
    };

    public static string ZoneOf(string place) => Zones.GetValueOrDefault(place, place);

    /// <summary>The places that a text names, in its order.</summary>
    public static IEnumerable<string> In(string text) => Zones.Keys
        .Select(place => (Place: place, At: text.IndexOf(place, StringComparison.OrdinalIgnoreCase)))
        .Where(found => found.At >= 0 && IsWord(text, found.At, found.Place.Length))
        .OrderBy(found => found.At)
        .Select(found => found.Place);

    private static bool IsWord(string text, int at, int length) =>
        (at == 0 || !char.IsLetter(text[at - 1])) && (at + length == text.Length || !char.IsLetter(text[at + length]));
}
