namespace AgentStream.Worker.Models.Scripted;

/// <summary>Ends the reply with a failure.</summary>
internal sealed record ScriptFailure
{
    /// <summary>As a server with this HTTP status would; null: the connection is lost.</summary>
    public int? Status { get; init; }

    /// <summary>Seconds that the server asks to be left alone.</summary>
    public double? RetryAfter { get; init; }

    /// <summary>Fails only once: if this file exists it doesn't, if not it makes the file and does.</summary>
    public string? OnceFile { get; init; }
}
