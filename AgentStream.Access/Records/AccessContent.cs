using System.Text.Json.Serialization;
using AgentStream.Messaging;

namespace AgentStream.Access.Records;

/// <summary>What is kept about credentials.</summary>
/// <param name="Keys">The keys that there are.</param>
/// <param name="Ended">The credentials that ended before their time.</param>
/// <param name="Links">The links to sessions; <c>null</c> in what an older version wrote.</param>
internal sealed record AccessContent(
    IReadOnlyList<ApiKey> Keys, IReadOnlyList<EndedCredentials> Ended, IReadOnlyList<ShareLink>? Links = null)
{
    public static AccessContent Empty { get; } = new([], [], []);
}

/// <summary>Credentials that ended before their time.</summary>
/// <param name="Subject">A credential, or a principal: then all of theirs.</param>
/// <param name="Before">Those that are older than this.</param>
/// <param name="Until">The time from which all of them would have ended anyway, so that this can be forgotten.</param>
internal sealed record EndedCredentials(string Subject, DateTimeOffset Before, DateTimeOffset Until)
{
    // Keys do not end by themselves where they have no expiry, and may have been made long ago.
    private static readonly TimeSpan LongestMemory = TimeSpan.FromDays(366);

    /// <summary>The one credential.</summary>
    public static EndedCredentials One(string credential, DateTimeOffset? expires, DateTimeOffset now)
        => new(credential, DateTimeOffset.MaxValue, expires ?? now + LongestMemory);

    /// <summary>All that somebody has by now.</summary>
    public static EndedCredentials AllOf(PrincipalId principal, DateTimeOffset now) => new(principal.Value, now, now + LongestMemory);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(AccessContent))]
[JsonSerializable(typeof(ApiKey))]
[JsonSerializable(typeof(EndedCredentials))]
[JsonSerializable(typeof(ShareLink))]
internal sealed partial class AccessJson : JsonSerializerContext;
