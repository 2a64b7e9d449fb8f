using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using AgentStream.Worker.Tools.Arguments;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Telemetry;

/// <summary>
/// What was said, in the JSON shapes of the conventions (gen-ai-input-messages, gen-ai-output-messages, gen-ai-system-instructions).
/// Only called where capturing content was asked for.
/// </summary>
internal static class GenAIContent
{
    public static void SetInput(Activity activity, IReadOnlyList<ChatMessage> prompt, ChatOptions? options)
    {
        var system = prompt.Where(message => message.Role == ChatRole.System).ToList();
        if (system.Count > 0)
        {
            activity.SetTag(
                "gen_ai.system_instructions", Json(writer => WriteParts(writer, system.SelectMany(message => message.Contents))));
        }

        activity.SetTag(
            "gen_ai.input.messages", Json(writer => WriteMessages(writer, prompt.Where(message => message.Role != ChatRole.System), null)));
        if (options?.Tools is { Count: > 0 } tools)
        {
            activity.SetTag("gen_ai.tool.definitions", Json(writer => WriteTools(writer, tools.OfType<AIFunctionDeclaration>())));
        }
    }

    /// <param name="activity">The span of the reply.</param>
    /// <param name="response">What came of it.</param>
    /// <param name="finishReason">Why the model ended.</param>
    /// <param name="failed">It did not: the reply was cut off.</param>
    public static void SetOutput(Activity activity, ChatResponse response, ChatFinishReason? finishReason, bool failed)
        => activity.SetTag(
            "gen_ai.output.messages",
            Json(writer => WriteMessages(writer, response.Messages, failed ? "error" : FinishReason(finishReason))));

    /// <summary>
    /// The input of an agent: the message or the task, without the conversation before it, which its replies' spans have.
    /// </summary>
    public static void SetTask(Activity activity, string instructions, string message)
    {
        if (instructions.Length > 0)
        {
            activity.SetTag("gen_ai.system_instructions", Json(writer => WriteParts(writer, [new TextContent(instructions)])));
        }

        activity.SetTag("gen_ai.input.messages", Json(writer => WriteMessages(writer, [new ChatMessage(ChatRole.User, message)], null)));
    }

    /// <summary>The output of an agent.</summary>
    public static void SetAnswer(Activity activity, string answer)
        => activity.SetTag(
            "gen_ai.output.messages", Json(writer => WriteMessages(writer, [new ChatMessage(ChatRole.Assistant, answer)], "stop")));

    public static string ArgumentsOf(AIFunctionArguments arguments) => Json(writer =>
    {
        writer.WriteStartObject();
        foreach (var (name, value) in arguments)
        {
            writer.WritePropertyName(name);
            if (value is JsonElement element)
            {
                element.WriteTo(writer);
            }
            else
            {
                writer.WriteStringValue(value?.ToString());
            }
        }

        writer.WriteEndObject();
    });

    // The conventions' word differs from that of the protocols.
    private static string FinishReason(ChatFinishReason? reason)
        => reason == ChatFinishReason.ToolCalls ? "tool_call" : reason?.Value ?? "stop";

    private static void WriteMessages(Utf8JsonWriter writer, IEnumerable<ChatMessage> messages, string? finishReason)
    {
        writer.WriteStartArray();
        foreach (var message in messages)
        {
            writer.WriteStartObject();
            writer.WriteString("role", message.Role.Value);
            writer.WritePropertyName("parts");
            WriteParts(writer, message.Contents);
            if (finishReason is not null)
            {
                writer.WriteString("finish_reason", finishReason);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteParts(Utf8JsonWriter writer, IEnumerable<AIContent> contents)
    {
        writer.WriteStartArray();
        foreach (var content in contents)
        {
            switch (content)
            {
                case TextContent text:
                    WriteText(writer, "text", text.Text);
                    break;
                case TextReasoningContent reasoning:
                    WriteText(writer, "reasoning", reasoning.Text);
                    break;
                case FunctionCallContent call:
                    writer.WriteStartObject();
                    writer.WriteString("type", "tool_call");
                    writer.WriteString("id", call.CallId);
                    writer.WriteString("name", call.Name);
                    WriteArguments(writer, ToolCallText.ArgumentsOf(call));
                    writer.WriteEndObject();
                    break;
                case FunctionResultContent result:
                    writer.WriteStartObject();
                    writer.WriteString("type", "tool_call_response");
                    writer.WriteString("id", result.CallId);
                    writer.WriteString("response", result.Result?.ToString());
                    writer.WriteEndObject();
                    break;
                default:
                    break;
            }
        }

        writer.WriteEndArray();
    }

    private static void WriteArguments(Utf8JsonWriter writer, string arguments)
    {
        writer.WritePropertyName("arguments");
        try
        {
            using var json = JsonDocument.Parse(arguments);
            json.WriteTo(writer);
        }
        catch (JsonException)
        {
            // What a model wrote in place of JSON.
            writer.WriteStringValue(arguments);
        }
    }

    private static void WriteText(Utf8JsonWriter writer, string type, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.WriteString("content", text);
        writer.WriteEndObject();
    }

    private static void WriteTools(Utf8JsonWriter writer, IEnumerable<AIFunctionDeclaration> tools)
    {
        writer.WriteStartArray();
        foreach (var tool in tools)
        {
            writer.WriteStartObject();
            writer.WriteString("type", "function");
            writer.WriteString("name", tool.Name);
            writer.WriteString("description", tool.Description);
            writer.WritePropertyName("parameters");
            tool.JsonSchema.WriteTo(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static string Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
