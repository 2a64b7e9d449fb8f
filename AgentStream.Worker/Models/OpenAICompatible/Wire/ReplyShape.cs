using System.Text.Json.Nodes;
using AgentStream.Worker.Models.Wire.Replies;

namespace AgentStream.Worker.Models.OpenAICompatible.Wire;

/// <summary>Finds the reply in a chunk or body.</summary>
/// <param name="Delta">The object with <c>content</c>, <c>tool_calls</c> and the like.</param>
/// <param name="FinishReason">Why it ended, in the standard's words; null: it goes on.</param>
/// <param name="IsWhole">It is a message rather than a piece of one.</param>
internal sealed record ReplyShape(JsonObject Delta, string? FinishReason, bool IsWhole)
{
    /// <summary>
    /// It is a message or a piece of one, and not a body that has the text itself: its fields say something of the reply.
    /// </summary>
    public bool IsMessage { get; private init; } = true;

    private static readonly string[] TextNames = ["content", "text", "delta", "response"];

    /// <summary>Null: the chunk has nothing of a reply (usage, a keep-alive, a content filter's remarks).</summary>
    public static ReplyShape? Find(JsonObject body)
    {
        if (body["choices"] is JsonArray choices)
        {
            return choices.FirstOrDefault() is JsonObject choice ? OfChoice(choice) : null;
        }

        if (body["message"] is JsonObject message)
        {
            // Ollama's own protocol: {"message":{"role":"assistant","content":"Hi"},"done":false},
            // and at the end "done":true,"done_reason":"stop"
            var isDone = JsonText.IsTrue(body["done"]);
            return new ReplyShape(message, isDone ? FinishReasons.Of(body["done_reason"]) ?? "stop" : null, IsWhole: false);
        }

        var text = TextNames.Select(name => JsonText.Of(body[name])).FirstOrDefault(found => found is not null);
        if (text is not null || JsonText.Reasoning(body) is not null)
        {
            var delta = body.DeepClone().AsObject();
            delta["content"] = text;
            var reason = FinishReasons.Of(body["finish_reason"]) ?? (JsonText.IsTrue(body["done"]) ? "stop" : null);
            return new ReplyShape(delta, reason, IsWhole: false) { IsMessage = false };
        }

        return null;
    }

    private static ReplyShape OfChoice(JsonObject choice)
    {
        var reason = FinishReasons.Of(choice["finish_reason"]);
        if (choice["delta"] is JsonObject delta)
        {
            return new ReplyShape(delta, reason, IsWhole: false);
        }

        if (choice["message"] is JsonObject message)
        {
            return new ReplyShape(message, reason, IsWhole: true);
        }

        var text = JsonText.Of(choice["text"]) ?? JsonText.Of(choice["content"]) ?? JsonText.Of(choice["delta"]);
        return new ReplyShape(new JsonObject { ["content"] = text }, reason, IsWhole: false);
    }
}
