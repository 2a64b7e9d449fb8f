using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;

namespace AgentStream.Client.Wire;

/// <summary>The frames that a client sends.</summary>
internal static class Outgoing
{
    /// <summary>A random id: nobody shall guess it.</summary>
    public static string NewId() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    public static (string MessageId, byte[] Frame) Chat(string message, AskOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(message);
        options ??= new AskOptions();
        var activity = Activity.Current is { IdFormat: ActivityIdFormat.W3C } current ? current : null;
        var payload = new ChatPayload
        {
            Message = message,
            MessageId = options.MessageId ?? NewId(),
            AgentName = options.Agent,
            EnableReasoning = options.EnableReasoning ? null : false,
            MaxIterations = options.MaxIterations,
            Model = options.Model,
            Temperature = options.Temperature,
            MaxTokens = options.MaxTokens,
            Context = options.Context,
            History = options.History,
            Attachments = options.Attachments,
            Tools = options.Tools is { Count: > 0 } tools
                ? [.. tools.Select(tool => new ToolPayload(tool.Name, tool.Description, tool.Parameters))]
                : null,
            ReplacesRunId = options.ReplacesRunId,
            OnBusy = options.OnBusy == OnBusy.Enqueue ? null : options.OnBusy,
            Traceparent = activity?.Id,
            Tracestate = activity?.TraceStateString,
        };
        return (payload.MessageId, JsonSerializer.SerializeToUtf8Bytes(new ChatFrame("chat", payload), WireJson.Default.ChatFrame));
    }

    public static byte[] Cancel(string? runId)
        => JsonSerializer.SerializeToUtf8Bytes(new CancelFrame("cancel", new CancelPayload(runId)), WireJson.Default.CancelFrame);

    public static byte[] Answer(string runId, string toolCallId, bool approved, string? reason, JsonElement? arguments)
        => JsonSerializer.SerializeToUtf8Bytes(
            new ApprovalFrame("tool_approval", new ApprovalPayload(runId, toolCallId, approved, Said(reason), arguments)),
            WireJson.Default.ApprovalFrame);

    public static byte[] Result(string runId, string toolCallId, string result, bool isError)
        => JsonSerializer.SerializeToUtf8Bytes(
            new ToolResultFrame("tool_result", new ToolResultPayload(runId, toolCallId, result, isError ? true : null)),
            WireJson.Default.ToolResultFrame);

    /// <summary>A reason that says nothing is none.</summary>
    public static string? Said(string? reason) => string.IsNullOrWhiteSpace(reason) ? null : reason;
}
