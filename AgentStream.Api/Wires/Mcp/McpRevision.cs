namespace AgentStream.Api.Wires.Mcp;

/// <summary>A revision of MCP, and what differs in it here.</summary>
/// <param name="Version">Its date.</param>
internal sealed record McpRevision(string Version)
{
    public const string Header = "MCP-Protocol-Version";

    /// <summary>Those that begin with <c>initialize</c>, newest first.</summary>
    public static IReadOnlyList<string> WithSessions { get; } = ["2025-11-25", "2025-06-18", "2025-03-26"];

    /// <summary>Those in which each request says all that has to be known of its client.</summary>
    public static IReadOnlyList<string> WithoutSessions { get; } = ["2026-07-28"];

    /// <summary>Whether closing a request's response cancels it, and nothing can be resumed: tasks outlive their request instead.</summary>
    public bool IsWithoutSessions => WithoutSessions.Contains(Version);

    /// <summary>Whether a stream begins with an event that has nothing but an id.</summary>
    public bool HasPriming => Version == WithSessions[0];

    /// <summary>What <c>initialize</c> settles on.</summary>
    public static McpRevision Agreed(string? wanted) => new(wanted is not null && WithSessions.Contains(wanted) ? wanted : WithSessions[0]);

    /// <summary>The revision of a request; <c>null</c>: one that is not spoken here.</summary>
    public static McpRevision? Of(HttpRequest request)
        => request.Headers[Header].ToString() switch
        {
            // What a client that names none has to be taken for.
            "" => new McpRevision("2025-03-26"),
            var version when WithSessions.Contains(version) || WithoutSessions.Contains(version) => new McpRevision(version),
            _ => null,
        };
}
