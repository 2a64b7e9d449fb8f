using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;

namespace AgentStream.Api.Wires.Mcp;

/// <summary>The id of an event of a call's stream: all that it takes to go on after it, on any server.</summary>
/// <param name="Run">The run.</param>
/// <param name="After">The offset of the entry that the event came of.</param>
/// <param name="Request">The request that the stream answers.</param>
internal readonly record struct McpEventId(RunAddress Run, Offset After, McpRequestId Request)
{
    private const char Separator = '.';
    private const int Parts = 4;

    public static bool TryParse(string? text, out McpEventId id)
    {
        id = default;
        if (text?.Split(Separator) is not { Length: Parts } parts
            || !RunAddress.TryParse(parts[0], out var run)
            || !Offset.TryParse(parts[1], null, out var after)
            || !TryDecode(parts[2], out var request)
            || request is not { } requestId
            || !TryDecode(parts[3], out var token))
        {
            return false;
        }

        id = new McpEventId(run, after, new McpRequestId(requestId, token));
        return true;
    }

    public override string ToString()
        => string.Create(
            CultureInfo.InvariantCulture,
            $"{Run}{Separator}{After.Value}{Separator}{Encode(Request.Id)}{Separator}{(Request.Token is { } token ? Encode(token) : "")}");

    private static string Encode(JsonElement value) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(value.GetRawText()));

    private static bool TryDecode(string text, out JsonElement? value)
    {
        value = null;
        if (text.Length == 0)
        {
            return true;
        }

        try
        {
            value = JsonElement.Parse(Base64Url.DecodeFromChars(text));
            return value is { ValueKind: JsonValueKind.String or JsonValueKind.Number };
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return false;
        }
    }
}

/// <summary>What the messages of a call's stream name their request by.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Token">The token of its progress; <c>null</c>: nobody wants to know.</param>
internal readonly record struct McpRequestId(JsonElement Id, JsonElement? Token);
