using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentStream.Messaging;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Commands;

/// <summary>
/// Reads what clients write: frames <c>{"type":…,"payload":{…}}</c> of a socket and bodies of requests, under the same rules.
/// </summary>
internal static class PayloadReader
{
    private static readonly JsonElement NoPayload = JsonDocument.Parse("{}").RootElement;

    /// <summary>The command in a frame.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="maxDepth">How deep it may be nested.</param>
    public static Answer<ClientCommand> ReadFrame(ReadOnlyMemory<byte> frame, int maxDepth)
    {
        try
        {
            using var document = JsonDocument.Parse(frame, OptionsFor(maxDepth));
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object
                || !root.TryGetProperty("type"u8, out var type)
                || type.ValueKind != JsonValueKind.String)
            {
                return new Refusal(
                    ErrorCodes.InvalidFrame, "A frame is a JSON object with a type: {\"type\": \"chat\", \"payload\": {…}}.");
            }

            var payload = root.TryGetProperty("payload"u8, out var given) && given.ValueKind != JsonValueKind.Null ? given : NoPayload;
            return type.GetString() switch
            {
                CommandTypes.Chat => Command(Read(payload, MessagingJson.Wire.ChatPayload), static chat => new ChatCommand(chat)),
                CommandTypes.Cancel => Command(Read(payload, MessagingJson.Wire.CancelPayload), static cancel => new CancelCommand(cancel)),
                CommandTypes.ToolApproval => Command(
                    Read(payload, MessagingJson.Wire.ToolApprovalPayload), static approval => new ApprovalCommand(approval)),
                CommandTypes.ToolResult => Command(
                    Read(payload, MessagingJson.Wire.ToolResultPayload), static result => new ResultCommand(result)),
                CommandTypes.Ping => new PingCommand(),
                _ => new Refusal(
                    ErrorCodes.UnknownType, "The type of a frame is one of chat, cancel, tool_approval, tool_result and ping."),
            };
        }
        catch (Exception exception) when (IsUnreadable(exception))
        {
            return NotJson(maxDepth);
        }
    }

    /// <summary>The object in a request's body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="typeInfo">What it is.</param>
    /// <param name="maxDepth">How deep it may be nested.</param>
    public static Answer<T> ReadBody<T>(ReadOnlyMemory<byte> body, JsonTypeInfo<T> typeInfo, int maxDepth)
        where T : class
    {
        try
        {
            using var document = JsonDocument.Parse(body, OptionsFor(maxDepth));
            return Read(document.RootElement, typeInfo);
        }
        catch (Exception exception) when (IsUnreadable(exception))
        {
            return NotJson(maxDepth);
        }
    }

    // Of a field that is there twice, whoever stands between may have read the other one.
    private static JsonDocumentOptions OptionsFor(int maxDepth) => new() { MaxDepth = maxDepth, AllowDuplicateProperties = false };

    private static Refusal NotJson(int maxDepth) => new(
        ErrorCodes.InvalidJson,
        $"This is not JSON, has a field twice, or is nested more than {maxDepth} deep: send one JSON object, in UTF-8.");

    private static Answer<ClientCommand> Command<T>(Answer<T> payload, Func<T, ClientCommand> command)
        where T : class
        => payload.IsRefused(out var refusal, out var value) ? refusal : command(value);

    private static Answer<T> Read<T>(JsonElement payload, JsonTypeInfo<T> typeInfo)
        where T : class
    {
        if (payload.ValueKind != JsonValueKind.Object)
        {
            return new Refusal(ErrorCodes.InvalidFrame, "A payload is a JSON object.");
        }

        CheckText(payload);
        try
        {
            return payload.Deserialize(typeInfo)!;
        }
        catch (JsonException exception)
        {
            return new Refusal(
                ErrorCodes.InvalidFrame, $"{FieldOf(exception)} has a value of the wrong kind; docs/protocol.md says what it takes.",
                MessageIdOf(payload));
        }
    }

    // A lone surrogate ("\ud800") is allowed by the grammar of JSON and is no text: found here, once, or it breaks whoever reads it later.
    private static void CheckText(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                _ = element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    CheckText(item);
                }

                break;
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    _ = property.Name;
                    CheckText(property.Value);
                }

                break;
            default:
                break;
        }
    }

    private static MessageId? MessageIdOf(JsonElement payload)
        => payload.TryGetProperty("message_id"u8, out var id)
            && id.ValueKind == JsonValueKind.String
            && MessageId.TryParse(id.GetString(), out var messageId)
            ? messageId
            : null;

    // "$.max_tokens" names one of our own fields: what others are called was skipped before it could fail.
    private static string FieldOf(JsonException exception)
        => exception.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : "A field";

    // InvalidOperationException is what System.Text.Json throws for text that is no Unicode.
    private static bool IsUnreadable(Exception exception) => exception is JsonException or InvalidOperationException;
}
