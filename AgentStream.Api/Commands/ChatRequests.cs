using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;

namespace AgentStream.Api.Commands;

/// <summary>Makes a run request of what a client wrote, or says what is wrong with it.</summary>
internal static class ChatRequests
{
    private const string DefaultAgent = "assistant";
    private const int DefaultIterations = 20;
    public const int MaxIterations = 200;
    public const int MaxNameLength = 200;
    public const double MaxTemperature = 2;

    public static Answer<RunRequest> From(
        ChatPayload payload, TraceContext trace, SessionId sessionId, PrincipalId principal, int maxMessageLength)
    {
        if (payload.MessageId is { } givenId && !MessageId.TryParse(givenId, out _))
        {
            return new Refusal(ErrorCodes.InvalidId, "message_id takes 1 to 128 printable ASCII characters without spaces.");
        }

        var messageId = payload.MessageId is null ? MessageId.New() : MessageId.Parse(payload.MessageId);
        var known = payload.MessageId is null ? (MessageId?)null : messageId;
        if (string.IsNullOrWhiteSpace(payload.Message))
        {
            return new Refusal(ErrorCodes.InvalidMessage, "message is missing or empty: write what you want to ask.", known);
        }

        if (payload.Message.Length > maxMessageLength)
        {
            return new Refusal(
                ErrorCodes.MessageTooLong,
                $"message has {payload.Message.Length} characters; {maxMessageLength} are allowed. Shorten or split it.", known);
        }

        if (payload.ReplacesRunId is { } givenRun && !RunId.TryParse(givenRun, out _))
        {
            return new Refusal(ErrorCodes.InvalidId, "replaces_run_id takes the run_id of an earlier message.", known);
        }

        if (OptionProblem(payload) is { } problem)
        {
            return new Refusal(ErrorCodes.InvalidOption, problem, known);
        }

        return new RunRequest
        {
            SessionId = sessionId,
            RunId = RunId.New(),
            MessageId = messageId,
            Owner = principal,
            Message = payload.Message,
            AgentName = payload.AgentName ?? DefaultAgent,
            EnableReasoning = payload.EnableReasoning ?? true,
            MaxIterations = payload.MaxIterations ?? DefaultIterations,
            Model = payload.Model,
            Temperature = payload.Temperature,
            MaxTokens = payload.MaxTokens,
            Context = payload.Context is { ValueKind: JsonValueKind.Object } ? payload.Context : null,
            History = payload.History,
            Tools = ClientToolRules.Kept(payload.Tools),
            ReplacesRunId = payload.ReplacesRunId is null ? null : RunId.Parse(payload.ReplacesRunId),
            Traceparent = trace.Traceparent,
            Tracestate = trace.Tracestate,
            OnBusy = OnBusyOf(payload.OnBusy) ?? OnBusy.Enqueue,
        };
    }

    private static string? OptionProblem(ChatPayload payload) => payload switch
    {
        { AgentName: { } agent } when !IsName(agent) => $"agent_name takes the name of an agent, 1 to {MaxNameLength} characters.",
        { Model: { } model } when !IsName(model) => $"model takes the name of a model, 1 to {MaxNameLength} characters.",
        { MaxIterations: < 1 or > MaxIterations } => $"max_iterations takes a whole number from 1 to {MaxIterations}.",
        { MaxTokens: < 1 } => "max_tokens takes a whole number from 1.",
        { Temperature: { } temperature } when !(temperature >= 0 && temperature <= MaxTemperature) =>
            $"temperature takes a number from 0 to {MaxTemperature}.",
        { Context.ValueKind: not (JsonValueKind.Object or JsonValueKind.Null or JsonValueKind.Undefined) } =>
            "context takes a JSON object.",
        _ when HistoryRules.ProblemOf(payload.History) is { } problem => problem,
        _ when ClientToolRules.ProblemOf(payload.Tools) is { } problem => problem,
        { OnBusy: { } onBusy } when OnBusyOf(onBusy) is null => "on_busy takes enqueue, reject, interrupt or steer.",
        { OnBusy: "steer", Attachments.Count: > 0 } =>
            "A message that steers takes no attachments: send it with on_busy enqueue or interrupt.",
        { OnBusy: "steer", ReplacesRunId: not null } =>
            "on_busy steer hands the message to the run under way: leave replaces_run_id out, or interrupt.",
        _ => null,
    };

    private static bool IsName(string text) => text.Length <= MaxNameLength && !string.IsNullOrWhiteSpace(text);

    private static OnBusy? OnBusyOf(string? text) => text switch
    {
        "enqueue" => OnBusy.Enqueue,
        "reject" => OnBusy.Reject,
        "interrupt" => OnBusy.Interrupt,
        "steer" => OnBusy.Steer,
        _ => null,
    };
}
