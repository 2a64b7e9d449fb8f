using System.Text.Json.Serialization;
using AgentStream.Access;
using AgentStream.Messaging;
using AgentStream.Messaging.Json;

namespace AgentStream.Api.Http.Bodies;

/// <summary>The body that asks for a link.</summary>
internal sealed record LinkBody
{
    /// <summary>The seconds after which the link ends; missing: it ends when it is revoked, or its session erased.</summary>
    public int? ExpiresIn { get; init; }
}

/// <summary>A link that was made just now.</summary>
internal sealed record NewLink
{
    public required string LinkId { get; init; }

    public required SessionId SessionId { get; init; }

    /// <summary>What opens the session. It is told this once, and kept as its hash.</summary>
    public required string Secret { get; init; }

    [JsonConverter(typeof(UnixSecondsConverter))]
    public required DateTimeOffset CreatedAt { get; init; }

    [JsonConverter(typeof(UnixSecondsConverter))]
    public DateTimeOffset? ExpiresAt { get; init; }

    public static NewLink Of(ShareLink link, string secret) => new()
    {
        LinkId = link.Id,
        SessionId = link.SessionId,
        Secret = secret,
        CreatedAt = link.Created,
        ExpiresAt = link.Expires,
    };
}

/// <summary>A link of a session, without its secret.</summary>
internal sealed record LinkSummary
{
    public required string LinkId { get; init; }

    [JsonConverter(typeof(UnixSecondsConverter))]
    public required DateTimeOffset CreatedAt { get; init; }

    [JsonConverter(typeof(UnixSecondsConverter))]
    public DateTimeOffset? ExpiresAt { get; init; }

    public static LinkSummary Of(ShareLink link) => new() { LinkId = link.Id, CreatedAt = link.Created, ExpiresAt = link.Expires };
}

/// <summary>The links of a session.</summary>
internal sealed record LinkList
{
    /// <summary>The newest first; those that have ended are left out.</summary>
    public required IReadOnlyList<LinkSummary> Links { get; init; }
}
