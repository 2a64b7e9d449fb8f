using System.Text;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Search;

namespace AgentStream.Messaging.Embedded.Index;

/// <summary>One page of the list of sessions, as it is gathered: first from memory, then from the index.</summary>
internal sealed class SessionPageBuilder
{
    private readonly SessionQuery _query;
    private readonly byte[] _owner;
    private readonly string? _search;
    private readonly ListPosition? _after;

    // One more than asked for tells whether there is a next page; the heap never holds more, however many sessions there are.
    private readonly PriorityQueue<SessionSummary, ListPosition> _newest;
    private readonly HashSet<SessionId> _inMemory = [];

    public SessionPageBuilder(SessionQuery query)
    {
        _after = ListPosition.After(query);
        _query = query;
        _search = string.IsNullOrEmpty(query.Search) ? null : SearchText.Fold(query.Search);
        _owner = Encoding.UTF8.GetBytes(query.Owner.Value);
        _newest = new(query.Limit + 2);
    }

    private bool IsFull => _newest.Count > _query.Limit;

    /// <summary>A session in memory: the index may know it, too, but not as it is.</summary>
    public void Add(SessionRow row)
    {
        _inMemory.Add(row.Head.SessionId);
        if (row.Head.Owner == _query.Owner
            && (_search is null || SearchText.Fold(row.Head.Title ?? "").Contains(_search, StringComparison.Ordinal)))
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
            if (row.WrittenAt < last.At)
            {
                return false;
            }

            if (updatedAt < last.At)
            {
                return true;
            }
        }

        if (!(updatedAt > _after?.At)
            && row.Owner.SequenceEqual(_owner)
            && (_search is null || row.TitleContains(_search))
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
        return new SessionPage(page, more ? PlaceOf(page[^1]).ToToken() : null);
    }

    private void Keep(SessionSummary summary)
    {
        var place = PlaceOf(summary);
        if (_after is not { } token || place.CompareTo(token) < 0)
        {
            _newest.Enqueue(summary, place);
            if (_newest.Count > _query.Limit + 1)
            {
                _newest.Dequeue();
            }
        }
    }

    private static ListPosition PlaceOf(SessionSummary summary) => new(summary.UpdatedAt.UtcTicks, summary.SessionId.Value);
}
