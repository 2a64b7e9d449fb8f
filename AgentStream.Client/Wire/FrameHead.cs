using System.Text.Json;

namespace AgentStream.Client.Wire;

/// <summary>What a frame says beside its data.</summary>
internal struct FrameHead
{
    private static readonly string[] Types =
    [
        "step_delta", "reasoning_step", "usage", "run_queued", "run_started", "run_finished", "step_superseded", "heartbeat", "accepted",
        "connected", "snapshot", "resync", "error", "status", "tool_approval_required", "tool_approval_resolved", "cancel_requested",
    ];

    public long? Seq { get; private set; }

    public long? FirstSeq { get; private set; }

    public string? Type { get; private set; }

    public string? RunId { get; private set; }

    public DateTimeOffset Timestamp { get; private set; }

    /// <summary>Only short frames have it here.</summary>
    public string? Delta { get; private set; }

    /// <summary>Takes a property at which the reader is, and its value.</summary>
    public void Take(ref Utf8JsonReader reader, LogEvent? before)
    {
        if (reader.ValueTextEquals("seq"u8))
        {
            reader.Read();
            Seq = reader.GetInt64();
        }
        else if (reader.ValueTextEquals("timestamp"u8))
        {
            reader.Read();
            Timestamp = UnixSecondsConverter.ToTime(reader.GetDecimal());
        }
        else if (reader.ValueTextEquals("delta"u8))
        {
            reader.Read();
            Delta = reader.GetString();
        }
        else if (reader.ValueTextEquals("first_seq"u8))
        {
            reader.Read();
            FirstSeq = reader.GetInt64();
        }
        else if (reader.ValueTextEquals("type"u8))
        {
            reader.Read();
            Type = TypeOf(ref reader);
        }
        else if (reader.ValueTextEquals("run_id"u8))
        {
            RunId = Text(ref reader, before?.RunId);
        }
        else
        {
            reader.Skip();
        }
    }

    /// <summary>Reads the text after a property; the one that there was before, where it is the same.</summary>
    public static string? Text(ref Utf8JsonReader reader, string? before)
    {
        reader.Read();
        var isSame = before is not null && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(before);
        return isSame ? before : reader.GetString();
    }

    private static string? TypeOf(ref Utf8JsonReader reader)
    {
        foreach (var type in Types)
        {
            if (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(type))
            {
                return type;
            }
        }

        return reader.GetString();
    }
}
