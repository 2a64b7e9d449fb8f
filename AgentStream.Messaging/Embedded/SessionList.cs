using System.Buffers.Text;
using System.Globalization;
using System.Text;
using AgentStream.Messaging.Log;

namespace AgentStream.Messaging.Embedded;

/// <summary>The list of sessions, page by page.</summary>
/// <remarks>A page token is the place of its last session in the order, so that what changes meanwhile makes no page repeat or skip what did not change.</remarks>
internal static class SessionList
{
    private const int MaxLimit = 200;

    public static SessionPage Page(IEnumerable<SessionRow> rows, SessionQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, MaxLimit);
        var behind = query.PageToken is null ? (Place?)null : ParseToken(query.PageToken);

        // One more than asked for tells whether there is a next page; the heap never holds more, however many sessions there are.
        var newest = new PriorityQueue<SessionRow, Place>(query.Limit + 2);
        foreach (var row in rows)
        {
            var place = PlaceOf(row);
            if (row.Head.Owner == query.Owner
                && (string.IsNullOrEmpty(query.Search) || row.Head.Title?.Contains(query.Search, StringComparison.OrdinalIgnoreCase) == true)
                && (behind is not { } token || place.CompareTo(token) < 0))
            {
                newest.Enqueue(row, place);
                if (newest.Count > query.Limit + 1)
                {
                    newest.Dequeue();
                }
            }
        }

        var page = new List<SessionRow>(newest.Count);
        while (newest.TryDequeue(out var row, out _))
        {
            page.Add(row);
        }

        page.Reverse();
        var more = page.Count > query.Limit;
        var shown = page.Take(query.Limit).ToList();
        return new SessionPage([.. shown.Select(row => row.ToSummary())], more ? ToToken(PlaceOf(shown[^1])) : null);
    }

    private static Place PlaceOf(SessionRow row) => new(row.UpdatedAt.UtcTicks, row.Head.SessionId.Value);

    private static string ToToken(Place place)
        => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{place.Ticks}:{place.SessionId}")));

    private static Place ParseToken(string token)
    {
        try
        {
            var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token)).Split(':', 2);
            if (parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks))
            {
                return new Place(ticks, parts[1]);
            }
        }
        catch (FormatException)
        {
            // Falls through: every token that is none of ours gets the same answer.
        }

        throw new ArgumentException("The page token is none that this list gave.", nameof(token));
    }

    private readonly record struct Place(long Ticks, string SessionId) : IComparable<Place>
    {
        public int CompareTo(Place other)
            => Ticks != other.Ticks ? Ticks.CompareTo(other.Ticks) : string.CompareOrdinal(SessionId, other.SessionId);
    }
}
