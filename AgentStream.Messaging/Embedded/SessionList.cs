using System.Buffers.Text;
using System.Globalization;
using System.Text;
using AgentStream.Messaging.Log;

namespace AgentStream.Messaging.Embedded;

/// <summary>One page of the list of sessions, as it is gathered: first from memory, then from the index.</summary>
/// <remarks>A page token is the place of its last session in the order, so that what changes meanwhile makes no page repeat or skip what did not change.</remarks>
internal sealed class SessionList
{
    private const int MaxLimit = 200;
    private readonly SessionQuery _query;
    private readonly byte[] _owner;
    private readonly Place? _behind;

    // One more than asked for tells whether there is a next page; the heap never holds more, however many sessions there are.
    private readonly PriorityQueue<SessionSummary, Place> _newest;
    private readonly HashSet<SessionId> _inMemory = [];

    public SessionList(SessionQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, MaxLimit);
        _query = query;
        _owner = Encoding.UTF8.GetBytes(query.Owner.Value);
        _behind = query.PageToken is null ? null : ParseToken(query.PageToken);
        _newest = new(query.Limit + 2);
    }

    private bool IsFull => _newest.Count > _query.Limit;

    /// <summary>A session in memory: the index may know it, too, but not as it is.</summary>
    public void Add(SessionRow row)
    {
        _inMemory.Add(row.Head.SessionId);
        if (row.Head.Owner == _query.Owner
            && (string.IsNullOrEmpty(_query.Search) || row.Head.Title?.Contains(_query.Search, StringComparison.OrdinalIgnoreCase) == true))
        {
            Keep(row.ToSummary());
        }
    }

    /// <summary>A row of the index. False: none of those that were written before it can be on the page.</summary>
    public bool Add(IndexRow row)
    {
        var updatedAt = row.UpdatedAt;
        if (IsFull && _newest.TryPeek(out _, out var last))
        {
            if (row.WrittenAt < last.Ticks)
            {
                return false;
            }

            if (updatedAt < last.Ticks)
            {
                return true;
            }
        }

        if (!(updatedAt > _behind?.Ticks)
            && row.Owner.SequenceEqual(_owner)
            && (string.IsNullOrEmpty(_query.Search) || row.TitleContains(_query.Search))
            && row.ToSummary() is var summary
            && !_inMemory.Contains(summary.SessionId))
        {
            Keep(summary);
        }

        return true;
    }

    public SessionPage ToPage()
    {
        var more = IsFull;
        if (more)
        {
            _newest.Dequeue();
        }

        var page = new List<SessionSummary>(_newest.Count);
        while (_newest.TryDequeue(out var summary, out _))
        {
            page.Add(summary);
        }

        page.Reverse();
        return new SessionPage(page, more ? ToToken(PlaceOf(page[^1])) : null);
    }

    private void Keep(SessionSummary summary)
    {
        var place = PlaceOf(summary);
        if (_behind is not { } token || place.CompareTo(token) < 0)
        {
            _newest.Enqueue(summary, place);
            if (_newest.Count > _query.Limit + 1)
            {
                _newest.Dequeue();
            }
        }
    }

    private static Place PlaceOf(SessionSummary summary) => new(summary.UpdatedAt.UtcTicks, summary.SessionId.Value);

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
