using System.Globalization;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Search;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Connection;
using Microsoft.Extensions.Logging;

namespace AgentStream.Messaging.Redis.Discovery;

/// <summary>The list of each owner's sessions: a sorted set by last change, and what each session's own slot says.</summary>
internal sealed partial class OwnerIndex(RedisLink link, RedisKeys keys, TimeSpan retention, ILogger<OwnerIndex> logger)
{
    private const int ReadAtOnce = 256;

    /// <summary>Notes a change. Never fails: the session's next change repairs it.</summary>
    public async Task NoteAsync(PrincipalId owner, SessionId sessionId, long at, CancellationToken cancellationToken)
    {
        try
        {
            await link.EvaluateAsync(
                RedisScript.List,
                [keys.Owner(owner)],
                new ScriptArguments { { "session", sessionId.Value }, { "at", at }, { "retention", (long)retention.TotalMilliseconds } },
                cancellationToken);
        }
        catch (StoreUnavailableException exception)
        {
            LogNotListed(exception, sessionId);
        }
    }

    public async Task RemoveAsync(PrincipalId owner, SessionId sessionId, CancellationToken cancellationToken)
        => await link.ExecuteAsync("ZREM", [keys.Owner(owner), sessionId.Value], cancellationToken);

    public async Task<SessionPage> PageAsync(SessionQuery query, CancellationToken cancellationToken)
    {
        var search = string.IsNullOrEmpty(query.Search) ? null : SearchText.Fold(query.Search);
        var after = ListPosition.After(query);
        var page = new List<(SessionSummary Summary, ListPosition Place)>();
        for (var offset = 0; page.Count <= query.Limit; offset += ReadAtOnce)
        {
            var places = await ReadPlacesAsync(query.Owner, after, offset, cancellationToken);
            var found = await Task.WhenAll(places
                .Where(place => after is not { } token || place.CompareTo(token) < 0)
                .Select(async place => (Summary: await ReadAsync(query.Owner, place, cancellationToken), Place: place)));
            page.AddRange(found
                .Where(session => session.Summary is { } summary
                    && (search is null || SearchText.Fold(summary.Title).Contains(search, StringComparison.Ordinal)))
                .Select(session => (session.Summary!, session.Place)));
            if (places.Count < ReadAtOnce)
            {
                break;
            }
        }

        var shown = page.Take(query.Limit).ToList();
        return new SessionPage([.. shown.Select(session => session.Summary)], page.Count > query.Limit ? shown[^1].Place.ToToken() : null);
    }

    private async Task<IReadOnlyList<ListPosition>> ReadPlacesAsync(
        PrincipalId owner, ListPosition? after, int offset, CancellationToken cancellationToken)
    {
        var highest = after is { } token ? token.At.ToString(CultureInfo.InvariantCulture) : "+inf";
        var newest = await link.EvaluateAsync(
            RedisScript.Newest,
            [keys.Owner(owner)],
            new ScriptArguments { { "highest", highest }, { "skip", offset }, { "count", ReadAtOnce } },
            cancellationToken);
        return
        [
            .. newest.Pairs("sessions").Select(
                session => new ListPosition((long)double.Parse(session.Second, CultureInfo.InvariantCulture), session.First)),
        ];
    }

    private async Task<SessionSummary?> ReadAsync(PrincipalId owner, ListPosition place, CancellationToken cancellationToken)
    {
        if (!SessionId.TryParse(place.SessionId, out var sessionId))
        {
            return null;
        }

        var meta = await link.GetFieldsAsync(
            keys.Of(sessionId).Meta, ["owner", "title", "created", "updated", "seq", "messages", "unfinished"], cancellationToken);
        if (!meta.Has("owner"))
        {
            // Expired, or erased by somebody who did not get so far as here.
            await link.EvaluateAsync(
                RedisScript.Look,
                [keys.Owner(owner)],
                new ScriptArguments { { "session", place.SessionId }, { "score", place.At } },
                cancellationToken);
            return null;
        }

        return meta.Text("owner") != owner.Value
            ? null
            : new SessionSummary
            {
                SessionId = sessionId,
                Owner = owner,
                Title = meta.Text("title") ?? "",
                CreatedAt = ScriptArguments.ToTime(meta.Number("created")),
                UpdatedAt = ScriptArguments.ToTime(meta.Number("updated")),
                LastSeq = new Offset(meta.Number("seq")),
                Messages = (int)meta.Number("messages"),
                Busy = meta.Number("unfinished") > 0,
            };
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Session {SessionId} could not be noted in its owner's list; its next change is.")]
    private partial void LogNotListed(Exception exception, SessionId sessionId);
}
