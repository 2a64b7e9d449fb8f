using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentStream.Client.Wire;

/// <summary>Reads and writes the members of an enumeration by the names that the protocol has for them; others are the default.</summary>
internal abstract class NameConverter<T>(params (string Name, T Value)[] names) : JsonConverter<T>
    where T : struct, Enum
{
    public T Of(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            foreach (var (name, value) in names)
            {
                if (reader.ValueTextEquals(name))
                {
                    return value;
                }
            }
        }
        else
        {
            reader.Skip();
        }

        return default;
    }

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Of(ref reader);

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        foreach (var (name, known) in names)
        {
            if (EqualityComparer<T>.Default.Equals(known, value))
            {
                writer.WriteStringValue(name);
                return;
            }
        }

        writer.WriteStringValue("unknown");
    }
}

internal sealed class StepTypeConverter() : NameConverter<StepType>(
    ("thought", StepType.Thought), ("tool_use", StepType.ToolUse), ("tool_result", StepType.ToolResult),
    ("final_answer", StepType.FinalAnswer), ("error", StepType.Error));

internal sealed class DeltaTypeConverter() : NameConverter<DeltaType>(
    ("thought", DeltaType.Thought), ("answer", DeltaType.Answer), ("tool_use", DeltaType.ToolUse), ("tool_result", DeltaType.ToolResult))
{
    public static DeltaTypeConverter Instance { get; } = new();
}

internal sealed class RunStatusConverter() : NameConverter<RunStatus>(
    ("queued", RunStatus.Queued), ("running", RunStatus.Running), ("waiting", RunStatus.Waiting),
    ("completed", RunStatus.Completed), ("failed", RunStatus.Failed), ("cancelled", RunStatus.Cancelled));

internal sealed class SupersededReasonConverter() : NameConverter<SupersededReason>(
    ("attempt_lost", SupersededReason.AttemptLost), ("retried", SupersededReason.Retried), ("hidden", SupersededReason.Hidden));

internal sealed class ResyncReasonConverter() : NameConverter<ResyncReason>(
    ("trimmed", ResyncReason.Trimmed), ("epoch", ResyncReason.Epoch), ("ahead", ResyncReason.Ahead), ("too_slow", ResyncReason.TooSlow));

internal sealed class SessionStateConverter() : NameConverter<SessionState>(
    ("idle", SessionState.Idle), ("running", SessionState.Running), ("waiting", SessionState.Waiting), ("queued", SessionState.Queued));

internal sealed class OnBusyConverter() : NameConverter<OnBusy>(
    ("enqueue", OnBusy.Enqueue), ("reject", OnBusy.Reject), ("interrupt", OnBusy.Interrupt), ("steer", OnBusy.Steer));
