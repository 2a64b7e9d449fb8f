#pragma warning disable SCME0001 // The raw JSON of a message is marked experimental in the SDK, and is the only way to its other fields.

using System.ClientModel.Primitives;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentStream.Worker.Models.Pipeline;
using AgentStream.Worker.Models.Wire.Replies;
using AgentStream.Worker.Tools.Arguments;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace AgentStream.Worker.Models.OpenAICompatible;

/// <summary>
/// Makes the model's earlier replies in a prompt what its server sent: with the fields that no library knows, in the places where they
/// stood, and the arguments of calls to the byte.
/// Arguments that were no JSON object go as an empty one; the result beside them says what was wrong.
/// </summary>
internal static class ReturnedReply
{
    public static IEnumerable<ChatMessage> Prepare(IEnumerable<ChatMessage> messages) => messages.Select(message
        => message.Role == ChatRole.Assistant ? Prepare(message) : message);

    /// <summary>What a reply began with that is no answer, as it is kept: the thought in its tags.</summary>
    public static string KeptBeginning(string text) => new JsonObject { [Beginning] = text }.ToJsonString();

    private const string Beginning = "beginning";

    private static ChatMessage Prepare(ChatMessage message)
    {
        var kept = message.Contents.Select(Read).OfType<JsonObject>().ToList();
        var reply = new JsonObject { ["role"] = "assistant" };
        var text = string.Concat([.. kept.Select(one => JsonText.Plain(one[Beginning])), .. message.Contents.OfType<TextContent>()
            .Select(content => content.Text)]);
        if (text.Length > 0)
        {
            reply["content"] = text;
        }

        AddCalls(reply, message, kept.Select(one => one["calls"]).OfType<JsonObject>().FirstOrDefault());
        foreach (var field in kept.Select(one => one["message"]).OfType<JsonObject>().SelectMany(fields => fields))
        {
            reply.TryAdd(field.Key, field.Value?.DeepClone());
        }

        var raw = ModelReaderWriter.Read<AssistantChatMessage>(BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(reply,
            WireJsonContext.Default.JsonObject)))!;
        if (kept.Select(one => one["parts"]).OfType<JsonArray>().FirstOrDefault() is { } thoughts)
        {
            // The SDK reads no part of this type, but writes it.
            raw.Patch.Set("$.content"u8, JsonSerializer.SerializeToUtf8Bytes(Parts(thoughts, text), WireJsonContext.Default.JsonArray));
        }

        return new ChatMessage(ChatRole.Assistant, message.Contents) { RawRepresentation = raw };
    }

    private static JsonArray Parts(JsonArray thoughts, string text)
    {
        var parts = thoughts.DeepClone().AsArray();
        if (text.Length > 0)
        {
            parts.Add((JsonNode)new JsonObject { ["type"] = "text", ["text"] = text });
        }

        return parts;
    }

    private static void AddCalls(JsonObject reply, ChatMessage message, JsonObject? kept)
    {
        JsonArray calls = [.. message.Contents.OfType<FunctionCallContent>().Select((call, index)
            => Call(call, kept?[index.ToString(CultureInfo.InvariantCulture)] as JsonObject))];
        if (calls.Count > 0)
        {
            reply["tool_calls"] = calls;
        }
    }

    private static JsonObject Call(FunctionCallContent call, JsonObject? kept)
    {
        var function = new JsonObject { ["name"] = call.Name, ["arguments"] = ToolCallText.ObjectOf(call) };
        Add(function, kept?["function"] as JsonObject);
        var json = new JsonObject { ["id"] = call.CallId, ["type"] = "function", ["function"] = function };
        Add(json, kept);
        return json;
    }

    private static void Add(JsonObject target, JsonObject? fields)
    {
        foreach (var field in fields ?? [])
        {
            target.TryAdd(field.Key, field.Value?.DeepClone());
        }
    }

    private static JsonObject? Read(AIContent content)
    {
        if (!OpaqueThought.TryRead(content, out _, out var data))
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(data) as JsonObject;
        }
        catch (JsonException)
        {
            // Of another version of ours, perhaps: less is no reason to fail.
            return null;
        }
    }
}
