using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AgentStream.Web.Classic;

/// <summary>A step in words and signs, the same as in the live chat.</summary>
internal static class StepWords
{
    // The page escapes for HTML; escaping for HTML here too would only make the JSON unreadable.
    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static (string Icon, string Word, string Style) Of(TranscriptStep step) => step.Type switch
    {
        "thought" => ("💭", "Thought", "thought"),
        "tool_use" => ("🔧", "Tool use", "tool_use"),
        "tool_result" => ("📊", "Tool result", "tool_result"),
        // What is not whole has no tick.
        "final_answer" when step.CutOff => ("–", "Answer", "cut"),
        "final_answer" => ("✅", "Answer", "final_answer"),
        "error" => ("❌", "Error", "error"),
        var other => ("•", other, "other"),
    };

    /// <summary>Written by a model for people, as Markdown; what goes to tools and comes from them is shown as it is.</summary>
    public static bool IsProse(TranscriptStep step) => step.Type is "thought" or "final_answer";

    public static string Duration(double milliseconds) => milliseconds < 1000
        ? string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:0.0} s");

    public static IEnumerable<string> Flags(TranscriptStep step)
    {
        if (step.IsError)
        {
            yield return "failed";
        }

        if (step.InDoubt)
        {
            yield return "in doubt: it may or may not have happened";
        }

        if (step.CutOff)
        {
            yield return "cut off";
        }
    }

    public static string Pretty(JsonElement arguments) => arguments.ValueKind == JsonValueKind.String
        ? arguments.GetString() ?? ""
        : JsonSerializer.Serialize(arguments, Indented);
}
