using System.Text.Json;
using AgentStream.Api.Wires.JsonRpc;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.A2A;

/// <summary>A message of a client, read.</summary>
/// <param name="MessageId">The client's id for it.</param>
/// <param name="Text">Its text, part after part.</param>
/// <param name="Data">Its data; <c>null</c>: it has none.</param>
internal sealed record A2AIncoming(string MessageId, string Text, JsonElement? Data)
{
    private static readonly string[] Yes = ["yes", "y", "ok", "approve", "approved", "allow", "allowed", "true"];
    private static readonly string[] No = ["no", "n", "refuse", "refused", "reject", "rejected", "deny", "denied", "false"];

    /// <summary>Reads <c>params.message</c>.</summary>
    /// <param name="message">The message.</param>
    /// <param name="incoming">What was read.</param>
    /// <returns>What is wrong with it.</returns>
    public static RpcError? Read(JsonElement? message, out A2AIncoming incoming)
    {
        incoming = new A2AIncoming("", "", null);
        if (message.Member("messageId").Text() is not { Length: > 0 } id
            || message.Member("parts") is not { ValueKind: JsonValueKind.Array } parts)
        {
            return A2AErrors.Invalid("message takes a messageId and parts.");
        }

        List<string> texts = [];
        JsonElement? data = null;
        foreach (JsonElement? part in parts.EnumerateArray())
        {
            if (part.Member("text").Text() is { } text)
            {
                texts.Add(text);
            }
            else if (part.Member("data") is { ValueKind: JsonValueKind.Object } given)
            {
                data = given;
            }
            else
            {
                return A2AErrors.NotText("Agents take text, and data as the answer to a question.");
            }
        }

        incoming = new A2AIncoming(id, string.Join('\n', texts), data);
        return null;
    }

    /// <summary>
    /// What it says to a question: <c>{"approved": true, "reason"?, "arguments"?}</c>, or yes or no in plain words.
    /// <c>null</c>: neither.
    /// </summary>
    public ToolApprovalPayload? ToAnswer()
    {
        if (Data is { } data)
        {
            return Data.Member("approved") is not { ValueKind: JsonValueKind.True or JsonValueKind.False } approved
                ? null
                : new ToolApprovalPayload
                {
                    ToolCallId = Data.Member("toolCallId").Text(),
                    Approved = approved.GetBoolean(),
                    Reason = Data.Member("reason").Text(),
                    Arguments = Data.Member("arguments"),
                };
        }

        var word = Text.Trim().TrimEnd('.', '!');
        return Yes.Contains(word, StringComparer.OrdinalIgnoreCase) ? new ToolApprovalPayload { Approved = true }
            : No.Contains(word, StringComparer.OrdinalIgnoreCase) ? new ToolApprovalPayload { Approved = false }
            : null;
    }
}
