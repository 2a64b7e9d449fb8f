using System.Globalization;
using AgentStream.Messaging.Encryption;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Search;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Connection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Discovery;

/// <summary>The list of each owner's sessions: a sorted set by last change, and what each session's own slot says.</summary>
internal sealed partial class OwnerIndex(RedisLink link, RedisKeys keys, TimeSpan retention, ILogger<OwnerIndex> logger)
{
    private const int ReadAtOnce = 256;
    private const int AskedAtOnce = 2_000;

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
        => await link.AskAsync(
            keys.Owner(owner),
            database => database.SortedSetRemoveAsync(keys.Owner(owner), sessionId.Value, CommandFlags.DemandMaster),
            cancellationToken);

    /// <summary>Those of some sessions that are in an owner's list.</summary>
    public async Task<IReadOnlyList<SessionId>> OwnedAsync(
        PrincipalId owner, IReadOnlyList<SessionId> sessions, CancellationToken cancellationToken)
    {
        var owned = new List<SessionId>();
        foreach (var some in sessions.Chunk(AskedAtOnce))
        {
            RedisValue[] members = [.. some.Select(sessionId => (RedisValue)sessionId.Value)];
            var places = await link.AskAsync(
                keys.Owner(owner),
                database => database.SortedSetScoresAsync(keys.Owner(owner), members, CommandFlags.DemandMaster),
                cancellationToken);
            owned.AddRange(some.Where((_, index) => places[index] is not null));
        }

        return owned;
    }

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
            keys.Of(sessionId).Meta,
            ["owner", "title", "created", "updated", "seq", "messages", "unfinished", "activity"],
            cancellationToken);
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
                Title = TitleOf(meta),
                CreatedAt = ScriptArguments.ToTime(meta.Number("created")),
                UpdatedAt = ScriptArguments.ToTime(meta.Number("updated")),
                LastSeq = new Offset(meta.Number("seq")),
                Messages = (int)meta.Number("messages"),
                Busy = meta.Number("unfinished") > 0,
                State = SessionActivities.Listed(meta.Number("unfinished") > 0, (SessionActivity)meta.Number("activity")),
            };
    }

    /// <summary>The title among what was read of a session; empty where it can't be read any more.</summary>
    internal static string TitleOf(ScriptReply meta)
    {
        try
        {
            return meta.Text("title") ?? "";
        }
        catch (ContentUnreadableException)
        {
            // It is in the list all the same: whoever opens it is told.
            return "";
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Session {SessionId} could not be noted in its owner's list; its next change is.")]
    private partial void LogNotListed(Exception exception, SessionId sessionId);
}
