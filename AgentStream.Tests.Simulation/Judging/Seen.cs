using System.Text.Json;

namespace AgentStream.Tests.Simulation.Judging;

/// <summary>What one entry of a log says, read as docs/protocol.md describes it: the oracle shares no type with the code.</summary>
/// <param name="First">The first offset that it stands for.</param>
/// <param name="Seq">Its offset.</param>
/// <param name="Type">Its type.</param>
/// <param name="Run">Its run.</param>
/// <param name="Key">What it is about: a step, a call, a message.</param>
/// <param name="Text">What it adds.</param>
/// <param name="Extra">All else that must be the same for everybody.</param>
internal sealed record Seen(long First, long Seq, string Type, string Run, string Key, string Text, string Extra)
{
    public const string Delta = "step_delta";
    public const string Step = "reasoning_step";

    public static Seen Of(JsonElement frame)
    {
        var data = frame.GetProperty("data");
        var type = frame.GetProperty("type").GetString()!;
        var seq = frame.GetProperty("seq").GetInt64();
        var (key, text, extra) = type switch
        {
            "run_queued" => (Field(data, "message_id"), Field(data, "message"), ""),
            "run_started" => ("", "", Field(data, "attempt")),
            Delta => (Field(data, "step_id"), Field(data, "delta"), ""),
            Step => (Field(data, "step_id"), Field(data, "content"), StepExtra(data)),
            "step_superseded" => (
                string.Join(',', data.GetProperty("step_ids").EnumerateArray().Select(id => id.GetString())), "", Field(data, "reason")),
            "tool_approval_required" => (Field(data, "tool_call_id"), "", ""),
            "tool_approval_resolved" => (Field(data, "tool_call_id"), "", Field(data, "approved")),
            "cancel_requested" => ("", "", ""),
            "usage" => ("", "", Field(data, "total_tokens")),
            "run_finished" => ("", Field(data, "error_code"), Field(data, "status")),
            _ => ("", "", data.GetRawText()),
        };
        return new Seen(
            frame.TryGetProperty("first_seq", out var first) ? first.GetInt64() : seq, seq, type, Field(frame, "run_id"), key, text, extra);
    }

    public static string StepExtra(JsonElement step)
        => $"{Field(step, "type")}|{Field(step, "tool_name")}|{Field(step, "tool_call_id")}|"
            + $"{Flag(step, "is_error")}|{Flag(step, "in_doubt")}|{Flag(step, "cut_off")}";

    public static string Field(JsonElement data, string name)
        => !data.TryGetProperty(name, out var value) ? ""
            : value.ValueKind == JsonValueKind.String ? value.GetString()!
            : value.GetRawText();

    private static string Flag(JsonElement data, string name)
        => data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True ? "yes" : "no";
}
