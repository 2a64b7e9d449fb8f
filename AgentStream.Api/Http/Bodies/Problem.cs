namespace AgentStream.Api.Http.Bodies;

/// <summary>RFC 9457 problem details.</summary>
internal sealed record Problem
{
    /// <summary><c>urn:agentstream:error:</c> and the code: stable, for programs.</summary>
    public required string Type { get; init; }

    public required string Title { get; init; }

    public required int Status { get; init; }

    /// <summary>A sentence for people that says what to do.</summary>
    public required string Detail { get; init; }
}
