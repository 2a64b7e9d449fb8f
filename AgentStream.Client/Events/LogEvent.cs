using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentStream.Client;

/// <summary>An entry of the session's log. Each comes once and in order.</summary>
public abstract record LogEvent : AgentEvent
{
    private protected LogEvent()
    {
    }

    /// <summary>The offset: contiguous from 1 within an epoch, and never used again.</summary>
    [JsonIgnore]
    public long Seq { get; internal set; }

    /// <summary>The first offset that it stands for: less than <see cref="Seq"/> where the server has merged pieces of text.</summary>
    [JsonIgnore]
    public long FirstSeq { get; internal set; }

    /// <summary>The run that it belongs to.</summary>
    [JsonIgnore]
    public string RunId { get; internal set; } = "";

    /// <summary>The time at which the store took it.</summary>
    [JsonIgnore]
    public DateTimeOffset Timestamp { get; internal set; }
}

/// <summary>An entry that this version does not know.</summary>
public sealed record UnknownEvent : LogEvent
{
    /// <summary>Its type, as the server names it.</summary>
    public required string Type { get; init; }

    /// <summary>What it says.</summary>
    public required JsonElement Data { get; init; }
}
