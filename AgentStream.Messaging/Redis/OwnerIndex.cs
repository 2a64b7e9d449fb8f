using System.Buffers.Text;
using System.Globalization;
using System.Text;
using AgentStream.Messaging.Log;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis;

/// <summary>The list of each owner's sessions: a sorted set by last change, and what each session's own slot says.</summary>
/// <remarks>A page token is the place of its last session in the order, so that what changes meanwhile makes no page repeat or skip what did not change.</remarks>
internal sealed partial class OwnerIndex(RedisLink link, RedisKeys keys, TimeSpan retention, ILogger<OwnerIndex> logger)
{
    private const int MaxLimit = 200;
    private const int ReadAtOnce = 256;

    /// <summary>Notes a change. Never fails: the session's next change repairs it.</summary>
    public async Task NoteAsync(PrincipalId owner, SessionId sessionId, long at, CancellationToken cancellationToken)
    {
        try
        {
            await link.EvaluateAsync(RedisScript.List, [keys.Owner(owner)], [sessionId.Value, at, (long)retention.TotalMilliseconds], cancellationToken);
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
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, MaxLimit);
        var behind = query.PageToken is null ? (Place?)null : ParseToken(query.PageToken);
        var page = new List<(SessionSummary Summary, Place Place)>();
        for (var offset = 0; page.Count <= query.Limit; offset += ReadAtOnce)
        {
            var places = await ReadPlacesAsync(query.Owner, behind, offset, cancellationToken);
            var found = await Task.WhenAll(places
                .Where(place => behind is not { } token || place.CompareTo(token) < 0)
                .Select(async place => (Summary: await ReadAsync(query.Owner, place, cancellationToken), Place: place)));
            page.AddRange(found
                .Where(session => session.Summary is { } summary
                    && (string.IsNullOrEmpty(query.Search) || summary.Title.Contains(query.Search, StringComparison.OrdinalIgnoreCase)))
                .Select(session => (session.Summary!, session.Place)));
            if (places.Count < ReadAtOnce)
            {
                break;
            }
        }

        var shown = page.Take(query.Limit).ToList();
        return new SessionPage([.. shown.Select(session => session.Summary)], page.Count > query.Limit ? ToToken(shown[^1].Place) : null);
    }

    private async Task<IReadOnlyList<Place>> ReadPlacesAsync(PrincipalId owner, Place? behind, int offset, CancellationToken cancellationToken)
    {
        var highest = behind is { } token ? token.At.ToString(CultureInfo.InvariantCulture) : "+inf";
        var answer = (string[])(await link.EvaluateAsync(RedisScript.Newest, [keys.Owner(owner)], [highest, offset, ReadAtOnce], cancellationToken))!;
        return [.. answer.Chunk(2).Select(pair => new Place((long)double.Parse(pair[1], CultureInfo.InvariantCulture), pair[0]))];
    }

    private async Task<SessionSummary?> ReadAsync(PrincipalId owner, Place place, CancellationToken cancellationToken)
    {
        if (!SessionId.TryParse(place.SessionId, out var sessionId))
        {
            return null;
        }

        var values = (RedisValue[])(await link.ExecuteAsync(
            "HMGET", [keys.Of(sessionId).Meta, "owner", "title", "created", "updated", "seq", "messages", "unfinished"], cancellationToken))!;
        if (values[0].IsNull)
        {
            // Expired, or erased by somebody who did not get so far as here.
            await link.EvaluateAsync(
                RedisScript.Look, [keys.Owner(owner)], [place.SessionId, place.At.ToString(CultureInfo.InvariantCulture), ""], cancellationToken);
            return null;
        }

        return (string?)values[0] != owner.Value
            ? null
            : new SessionSummary
            {
                SessionId = sessionId,
                Owner = owner,
                Title = (string?)values[1] ?? "",
                CreatedAt = ScriptArguments.ToTime((long)values[2]),
                UpdatedAt = ScriptArguments.ToTime((long)values[3]),
                LastSeq = new Offset((long)values[4]),
                Messages = (int)values[5],
                Busy = (long)values[6] > 0,
            };
    }

    private static string ToToken(Place place)
        => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{place.At}:{place.SessionId}")));

    private static Place ParseToken(string token)
    {
        try
        {
            var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token)).Split(':', 2);
            if (parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var at))
            {
                return new Place(at, parts[1]);
            }
        }
        catch (FormatException)
        {
            // Falls through: every token that is none of ours gets the same answer.
        }

        throw new ArgumentException("The page token is none that this list gave.", nameof(token));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Session {SessionId} could not be noted in its owner's list; its next change is.")]
    private partial void LogNotListed(Exception exception, SessionId sessionId);

    private readonly record struct Place(long At, string SessionId) : IComparable<Place>
    {
        public int CompareTo(Place other) => At != other.At ? At.CompareTo(other.At) : string.CompareOrdinal(SessionId, other.SessionId);
    }
}
