namespace AgentStream.Messaging.Protocol;

/// <summary>A file that came with a message: what everybody is told of it. Its bytes are kept beside the log.</summary>
public sealed record Attachment
{
    public required AttachmentId Id { get; init; }

    /// <summary>What its sender called it: a name without a path.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, as its first bytes say.</summary>
    public required string MediaType { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }
}
