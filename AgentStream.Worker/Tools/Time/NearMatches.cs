namespace AgentStream.Worker.Tools.Time;

/// <summary>The time zone ids that someone might have meant.</summary>
internal static class NearMatches
{
    private const int MaxCompared = 32;

    /// <summary>
    /// Ids whose last part is, contains or nearly is the wanted one's last part ("Tokio" finds "Asia/Tokyo"), best first.
    /// </summary>
    public static IReadOnlyList<string> Of(string wanted, IEnumerable<string> ids, int most)
    {
        var key = LastPart(wanted);
        if (key.Length is < 3 or > MaxCompared)
        {
            return [];
        }

        return [.. ids
            .Select(id => (Id: id, Distance: Distance(key, LastPart(id))))
            .Where(candidate => candidate.Distance <= (key.Length < 6 ? 1 : 2))
            .OrderBy(candidate => candidate.Distance)
            .ThenBy(candidate => candidate.Id, StringComparer.Ordinal)
            .Select(candidate => candidate.Id)
            .Take(most)];
    }

    private static string LastPart(string id)
    {
        Span<char> lower = stackalloc char[Math.Min(id.Length, 256)];
        id.AsSpan(id.Length - lower.Length).ToLowerInvariant(lower);
        return lower[(lower.LastIndexOf('/') + 1)..].ToString();
    }

    // Levenshtein, with containment as distance 1: "york" is as near to "new_york" as a slip of the pen.
    private static int Distance(string left, string right)
    {
        if (left == right)
        {
            return 0;
        }

        if (right.Contains(left, StringComparison.Ordinal) || (right.Length >= 4 && left.Contains(right, StringComparison.Ordinal)))
        {
            return 1;
        }

        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var substitution = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitution, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
