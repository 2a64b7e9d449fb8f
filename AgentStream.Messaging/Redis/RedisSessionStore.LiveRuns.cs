using System.Text.Json;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Owners;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Discovery;
using AgentStream.Messaging.Redis.Reading;
using AgentStream.Messaging.Session;
using Microsoft.Extensions.Logging;

namespace AgentStream.Messaging.Redis;

/// <content>For whoever watches over runs.</content>
internal sealed partial class RedisSessionStore
{
    /// <inheritdoc />
    public async ValueTask<LiveRunPage> ListLiveAsync(LiveRunQuery query, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentNullException.ThrowIfNull(query);
        query.Check();

        // A session with a run that is not over stands in one of the two, and in neither for long without: who waits for a person
        // in the second, everybody else in the first. Both are in the order of times, so that a page needs the names of all.
        var known = await Task.WhenAll(_work.AllAsync(cancellationToken), _expiries.AllAsync(cancellationToken));
        var busy = known.SelectMany(sessions => sessions).Distinct()
            .Where(sessionId => string.CompareOrdinal(sessionId.Value, query.AfterId) > 0)
            .ToList();

        // One question for all of them, so that what others do costs an owner who looks no question each.
        var candidates = (query.Owner is { } owner ? await _owners.OwnedAsync(owner, busy, cancellationToken) : busy)
            .OrderBy(sessionId => sessionId.Value, StringComparer.Ordinal);
        var page = new List<IReadOnlyList<LiveRun>>();
        foreach (var some in candidates.Chunk(query.Sessions + 1))
        {
            var found = await Task.WhenAll(some.Select(sessionId => ReadLiveAsync(sessionId, query.Owner, cancellationToken)));
            page.AddRange(found.Where(runs => runs.Count > 0));
            if (page.Count > query.Sessions)
            {
                break;
            }
        }

        var shown = page.Take(query.Sessions).ToList();
        return new LiveRunPage([.. shown.SelectMany(runs => runs)], page.Count > shown.Count ? shown[^1][0].SessionId : null);
    }

    /// <inheritdoc />
    public async ValueTask<DaySpending> SpentTodayAsync(PrincipalId owner, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        return DaySpending.Of(await _book.SpentAsync(owner, Spending.DayOf(_timeProvider.GetUtcNow()), cancellationToken));
    }

    private async Task<IReadOnlyList<LiveRun>> ReadLiveAsync(
        SessionId sessionId, PrincipalId? owner, CancellationToken cancellationToken)
    {
        var keys = _keys.Of(sessionId);
        try
        {
            string[] fields = ["state", "lease", .. owner is null ? Array.Empty<string>() : ["title"]];
            var meta = await _link.GetFieldsAsync(keys.Meta, fields, cancellationToken);
            if (meta.Bytes("state") is not { } json
                || JsonSerializer.Deserialize(json, RedisJson.Stored.LedgerState) is not { Busy: true } state
                || (owner is { } asking && state.Owner != asking))
            {
                return [];
            }

            string[] names = [.. state.Unfinished.Select(run => run.RunId.Value)];
            var requests = await _link.GetFieldsAsync(keys.Records, names, cancellationToken);
            return LiveRunRules.Of(
                sessionId,
                state,
                runId => requests.Bytes(runId.Value) is { } request
                    ? JsonSerializer.Deserialize(request, MessagingJson.Wire.RunRequest)
                    : null,
                ScriptArguments.ToTime(meta.Number("lease")),
                owner is null ? null : OwnerIndex.TitleOf(meta));
        }
        catch (Exception exception) when (SessionUnreadableException.IsMeant(exception))
        {
            LogNotListed(exception, sessionId);
            return [];
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The runs of session {SessionId} can't be listed: it has something that this version can't read.")]
    private partial void LogNotListed(Exception exception, SessionId sessionId);
}
