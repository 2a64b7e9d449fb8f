using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace AgentStream.Client.Wire;

/// <summary>Reads the frames of one connection, in order: a short one is the entry before it with another text.</summary>
internal sealed class FrameReader
{
    private LogEvent? _before;

    /// <summary>Tells whether an exception says that bytes are not what they should be.</summary>
    public static bool IsBad(Exception exception) => exception is JsonException or InvalidOperationException or FormatException;

    /// <summary>Reads a frame.</summary>
    /// <returns>An <see cref="AgentEvent"/>, or a notice of this folder.</returns>
    /// <exception cref="Exception">It is no frame of the protocol: see <see cref="IsBad"/>.</exception>
    public object Read(ReadOnlySpan<byte> frame)
    {
        var reader = new Utf8JsonReader(frame);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("A frame is an object.");
        }

        var head = default(FrameHead);
        var data = default(Range);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("data"u8))
            {
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                data = start..(int)reader.BytesConsumed;
            }
            else
            {
                head.Take(ref reader, _before);
            }
        }

        if (head.Seq is not { } seq)
        {
            return head.Type is { } notice ? Notice(notice, frame[data]) : throw new JsonException("A frame has a type.");
        }

        var entry = head.Type is null ? Continued(head) : Entry(head, frame[data]);
        entry.Seq = seq;
        entry.FirstSeq = head.FirstSeq ?? seq;
        entry.Timestamp = head.Timestamp;
        if (head.RunId is { } run)
        {
            entry.RunId = run;
        }

        return _before = entry;
    }

    private StepDelta Continued(in FrameHead head)
        => _before is StepDelta before && head.Delta is { } delta
            ? before with { Delta = delta }
            : throw new JsonException("A short frame continues a piece of text.");

    private LogEvent Entry(in FrameHead head, ReadOnlySpan<byte> data)
    {
        try
        {
            return head.Type switch
            {
                "step_delta" => Delta(data),
                "reasoning_step" => Data(data, WireJson.Default.ReasoningStep),
                "run_queued" => Data(data, WireJson.Default.RunQueued),
                "run_started" => Data(data, WireJson.Default.RunStarted),
                "step_superseded" => Data(data, WireJson.Default.StepSuperseded),
                "tool_approval_required" => Data(data, WireJson.Default.ToolApprovalRequired),
                "tool_approval_resolved" => Data(data, WireJson.Default.ToolApprovalResolved),
                "message_steered" => Data(data, WireJson.Default.MessageSteered),
                "cancel_requested" => Data(data, WireJson.Default.CancelRequested),
                "usage" => Data(data, WireJson.Default.UsageReported),
                "run_finished" => Data(data, WireJson.Default.RunFinished),
                _ => Unknown(head.Type!, data),
            };
        }
        catch (Exception exception) when (IsBad(exception) && head.Type == "run_finished")
        {
            // An end is an end, whatever a later server says in it.
            return new RunFinished { Status = RunStatus.Unknown };
        }
        catch (Exception exception) when (IsBad(exception))
        {
            return Unknown(head.Type!, data);
        }
    }

    private static UnknownEvent Unknown(string type, ReadOnlySpan<byte> data)
        => new() { Type = type, Data = data.IsEmpty ? default : JsonSerializer.Deserialize(data, WireJson.Default.JsonElement) };

    /// <summary>Most of all frames are pieces of text, so that these are read by hand; what is as it was is not made again.</summary>
    private StepDelta Delta(ReadOnlySpan<byte> data)
    {
        var before = _before as StepDelta;
        var reader = new Utf8JsonReader(data);
        string? step = null, delta = null, agent = null, parent = null;
        var type = DeltaType.Unknown;
        var iteration = 0;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("delta"u8))
            {
                reader.Read();
                delta = reader.GetString();
            }
            else if (reader.ValueTextEquals("step_id"u8))
            {
                step = FrameHead.Text(ref reader, before?.StepId);
            }
            else if (reader.ValueTextEquals("step_type"u8))
            {
                reader.Read();
                type = DeltaTypeConverter.Instance.Of(ref reader);
            }
            else if (reader.ValueTextEquals("iteration"u8))
            {
                reader.Read();
                iteration = reader.GetInt32();
            }
            else if (reader.ValueTextEquals("agent_name"u8))
            {
                agent = FrameHead.Text(ref reader, before?.AgentName);
            }
            else if (reader.ValueTextEquals("parent_step_id"u8))
            {
                parent = FrameHead.Text(ref reader, before?.ParentStepId);
            }
            else
            {
                reader.Skip();
            }
        }

        return new StepDelta
        {
            StepId = step ?? throw new JsonException("A piece of text belongs to a step."),
            StepType = type,
            Delta = delta ?? "",
            Iteration = iteration,
            AgentName = agent,
            ParentStepId = parent,
        };
    }

    private static object Notice(string type, ReadOnlySpan<byte> data)
    {
        switch (type)
        {
            case "connected":
                return Data(data, WireJson.Default.ConnectedNotice);
            case "snapshot" or "resync":
                var snapshot = Data(data, WireJson.Default.SessionSnapshot);
                return new SnapshotReceived
                {
                    Snapshot = snapshot,
                    Reason = type == "resync" ? snapshot.Reason ?? ResyncReason.Unknown : null,
                };
            case "accepted":
                return Data(data, WireJson.Default.MessageAccepted);
            case "status":
                var status = Data(data, WireJson.Default.StatusNotice);
                return new StatusChanged { IsDegraded = status.State == "degraded", Message = status.Message ?? status.State };
            case "heartbeat":
                return Data(data, WireJson.Default.HeartbeatNotice);
            case "error":
                return Data(data, WireJson.Default.ErrorNotice);
            default:
                return OtherNotice.Instance;
        }
    }

    private static T Data<T>(ReadOnlySpan<byte> data, JsonTypeInfo<T> type)
        where T : class
        => JsonSerializer.Deserialize(data, type) ?? throw new JsonException("A frame has data.");
}
