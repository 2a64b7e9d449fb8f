using System.Text.Json;
using AgentStream.Api.Commands;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.LangGraph;

/// <summary>What a client wants to be streamed.</summary>
[Flags]
internal enum LangGraphModes
{
    None = 0,

    /// <summary>The whole state after each step.</summary>
    Values = 1,

    /// <summary>What each step adds.</summary>
    Updates = 2,

    /// <summary>Messages piece by piece.</summary>
    MessagesTuple = 4,
}

/// <summary>Reads and writes the names of modes.</summary>
internal static class LangGraphModeNames
{
    private const string Values = "values";
    private const string Updates = "updates";
    private const string MessagesTuple = "messages-tuple";

    // Agents have nothing to say in these.
    private static readonly string[] Silent = ["custom", "debug", "tasks", "checkpoints", "events"];

    private static readonly (LangGraphModes Mode, string Name)[] Names =
        [(LangGraphModes.Values, Values), (LangGraphModes.Updates, Updates), (LangGraphModes.MessagesTuple, MessagesTuple)];

    /// <summary>The modes of a body: one, or an array of them; values where there is none.</summary>
    public static Refusal? Read(JsonElement? mode, out LangGraphModes modes)
        => Read(
            mode switch
            {
                { ValueKind: JsonValueKind.String } one => [one.GetString()],
                { ValueKind: JsonValueKind.Array } several => several.EnumerateArray().Select(
                    one => one.ValueKind == JsonValueKind.String ? one.GetString() : ""),
                _ => [],
            },
            out modes);

    public static Refusal? Read(IEnumerable<string?> names, out LangGraphModes modes)
    {
        modes = LangGraphModes.None;
        var any = false;
        foreach (var name in names)
        {
            any = true;
            var mode = Array.Find(Names, one => one.Name == name).Mode;
            if (mode == LangGraphModes.None && Array.IndexOf(Silent, name) < 0)
            {
                return new Refusal(ErrorCodes.InvalidOption, "stream_mode takes values, updates and messages-tuple.");
            }

            modes |= mode;
        }

        modes = any ? modes : LangGraphModes.Values;
        return null;
    }

    /// <summary>The modes as a query, for whoever comes back.</summary>
    public static string QueryOf(LangGraphModes modes)
        => string.Join(
            '&',
            Names.Where(one => modes.HasFlag(one.Mode)).Select(one => one.Name).DefaultIfEmpty(Silent[0])
                .Select(name => $"stream_mode={name}"));
}
