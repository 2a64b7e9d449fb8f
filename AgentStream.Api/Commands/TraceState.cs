using System.Text.RegularExpressions;

namespace AgentStream.Api.Commands;

/// <summary>The <c>tracestate</c> of W3C Trace Context, which comes from outside and goes on to whoever the trace leads to.</summary>
internal static partial class TraceState
{
    // What W3C says a vendor should carry at least; it is kept with each run, so more is not taken.
    private const int MaxLength = 512;
    private const int MaxMembers = 32;

    /// <summary>
    /// The state as it was given; <c>null</c> where it does not keep to the rules,
    /// which say to drop all of it then and to go on with the trace.
    /// </summary>
    public static string? Usable(string? tracestate)
    {
        if (string.IsNullOrWhiteSpace(tracestate) || tracestate.Length > MaxLength)
        {
            return null;
        }

        // vendor=opaque,tenant@vendor=opaque; empty members are allowed, a second one of the same key is not.
        var members = tracestate.Split(',').Select(member => member.Trim(' ', '\t')).Where(member => member.Length > 0).ToList();
        var isUsable = members.Count is > 0 and <= MaxMembers
            && members.TrueForAll(member => Member().IsMatch(member))
            && members.DistinctBy(member => member[..member.IndexOf('=', StringComparison.Ordinal)]).Count() == members.Count;
        return isUsable ? tracestate : null;
    }

    [GeneratedRegex(
        @"^([a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13}"
            + @"|[a-z][a-z0-9_*/-]{0,255})=[\x20-\x2B\x2D-\x3C\x3E-\x7E]{0,255}[\x21-\x2B\x2D-\x3C\x3E-\x7E]\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Member();
}
