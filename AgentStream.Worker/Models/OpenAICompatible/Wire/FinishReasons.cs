using System.Text.Json.Nodes;
using AgentStream.Worker.Models.Wire;
using AgentStream.Worker.Models.Wire.Replies;

namespace AgentStream.Worker.Models.OpenAICompatible.Wire;

/// <summary>The reason why a reply ended, in the standard's words, which are all that the SDK knows: it throws at others.</summary>
internal static class FinishReasons
{
    /// <summary>Null: it goes on.</summary>
    /// <exception cref="WireException">It ended because the server failed.</exception>
    public static string? Of(JsonNode? node)
    {
        var said = JsonText.Plain(node);
        // "MAX_TOKENS", "FinishReason.MAX_TOKENS", "finish_reason_max_tokens"
        var reason = said is null
            ? ""
            : said[(said.LastIndexOf('.') + 1)..].ToUpperInvariant().Replace("FINISH_REASON_", "", StringComparison.Ordinal);
        return reason switch
        {
            "" or "NULL" or "NONE" or "UNSPECIFIED" => null,
            "LENGTH" or "MAX_TOKENS" or "MAX_LENGTH" or "MAX_NEW_TOKENS" or "MAX_OUTPUT_TOKENS" or "MAX_COMPLETION_TOKENS"
                or "MAX_TOKENS_REACHED" or "TOKEN_LIMIT" or "LIMIT" or "OUTPUT_LIMIT"
                or "MODEL_LENGTH" or "CONTEXT_LENGTH" or "CONTEXT_LENGTH_EXCEEDED" or "CONTEXT_WINDOW_EXCEEDED"
                or "MODEL_CONTEXT_WINDOW_EXCEEDED" or "INCOMPLETE" or "TRUNCATED" or "TIME_LIMIT"
                or "REPETITION" or "REPETITION_TRUNCATION" => "length",
            "TOOL_CALLS" or "TOOL_USE" or "TOOL_CALL" or "FUNCTION_CALL" => "tool_calls",
            "CONTENT_FILTER" or "CONTENT_FILTERED" or "SAFETY" or "IMAGE_SAFETY" or "SENSITIVE" or "REFUSAL" or "RECITATION" or "BLOCKLIST"
                or "PROHIBITED_CONTENT" or "SPII" or "ERROR_TOXIC"
                or "GUARDRAIL_INTERVENED" => "content_filter",
            "ERROR" or "ERROR_FINISH" or "ABORT" or "ABORTED" or "NETWORK_ERROR" or "INSUFFICIENT_SYSTEM_RESOURCE" or "INTERNAL_ERROR"
                or "MALFORMED_FUNCTION_CALL" => throw new WireException(
                WireProblem.ServerError, $"The server ended the reply with '{said}'.")
                { ServerError = new ServerError(500, "") },
            _ => "stop",
        };
    }
}
