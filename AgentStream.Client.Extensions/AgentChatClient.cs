using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentStream.Client.Extensions;

/// <summary>An agent as a chat client.</summary>
internal sealed class AgentChatClient(AgentStreamClient client, string? agent) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new("agentstream", client.Address, agent);

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        // What was taken back meanwhile is no part of it: only what is finished counts.
        ReasoningStep? last = null;
        List<AIContent> contents = [];
        ChatResponse? response = null;
        await foreach (var (happened, session) in RunAsync(messages, options, cancellationToken).ConfigureAwait(false))
        {
            switch (happened)
            {
                case ReasoningStep { Type: StepType.Thought, ParentStepId: null } thought:
                    contents.Add(new TextReasoningContent(thought.Content));
                    break;
                case ReasoningStep { Type: StepType.FinalAnswer } answer:
                    last = answer;
                    break;
                case SnapshotReceived snapshot:
                    last = snapshot.Snapshot.Messages.SelectMany(message => message.Steps)
                        .LastOrDefault(step => step.Type == StepType.FinalAnswer);
                    break;
                case RunFinished end:
                    contents.Add(new TextContent(last?.Content ?? ""));
                    response = new ChatResponse(new ChatMessage(ChatRole.Assistant, contents))
                    {
                        ResponseId = end.RunId,
                        ConversationId = options?.ConversationId is null ? null : session,
                        ModelId = end.Usage?.Model,
                        FinishReason = ChatFinishReason.Stop,
                        Usage = UsageOf(end),
                        RawRepresentation = end,
                    };
                    break;
                default:
                    break;
            }
        }

        return response ?? throw new InvalidOperationException("The run ended without saying how.");
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        HashSet<string> streamed = [];
        await foreach (var (happened, session) in RunAsync(messages, options, cancellationToken).ConfigureAwait(false))
        {
            AIContent? content = happened switch
            {
                StepDelta { StepType: DeltaType.Thought, ParentStepId: null } delta => new TextReasoningContent(delta.Delta),
                StepDelta { StepType: DeltaType.Answer } delta => new TextContent(delta.Delta),
                ReasoningStep { Type: StepType.Thought, ParentStepId: null } step when !streamed.Contains(step.StepId)
                    => new TextReasoningContent(step.Content),
                ReasoningStep { Type: StepType.FinalAnswer } step when !streamed.Contains(step.StepId) => new TextContent(step.Content),
                RunFinished end when UsageOf(end) is { } usage => new UsageContent(usage),
                _ => null,
            };
            var stepId = (happened as StepDelta)?.StepId ?? (happened as ReasoningStep)?.StepId;
            if (happened is StepDelta shown)
            {
                streamed.Add(shown.StepId);
            }

            yield return new ChatResponseUpdate(ChatRole.Assistant, content is null ? [] : [content])
            {
                ResponseId = (happened as LogEvent)?.RunId,
                MessageId = stepId,
                ConversationId = options?.ConversationId is null ? null : session,
                FinishReason = happened is RunFinished ? ChatFinishReason.Stop : null,
                RawRepresentation = happened,
            };
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
        => serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? _metadata
        : serviceType == typeof(AgentStreamClient) ? client
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    public void Dispose()
    {
        // The client belongs to who made it.
    }

    /// <summary>Runs the agent; a caller that leaves takes the run along, as a request to a model would end.</summary>
    private async IAsyncEnumerable<(AgentEvent Happened, string Session)> RunAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (message, asked) = Ask(messages.ToList(), options);
        var session = client.Session(options?.ConversationId);
        string? running = null;
        try
        {
            await foreach (var happened in session.AskAsync(message, asked, cancellationToken).ConfigureAwait(false))
            {
                running = (happened as LogEvent)?.RunId ?? (happened as MessageAccepted)?.RunId ?? running;
                if (happened is RunFinished end)
                {
                    running = null;
                    if (end.Status != RunStatus.Completed)
                    {
                        throw new AgentStreamException(
                            end.ErrorCode ?? "cancelled", end.Error ?? "The run was cancelled before it came to an answer.");
                    }
                }

                yield return (happened, session.Id);
            }
        }
        finally
        {
            if (running is not null)
            {
                await CancelAsync(session, running).ConfigureAwait(false);
            }
        }
    }

    private static async Task CancelAsync(AgentSession session, string runId)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await session.CancelAsync(runId, patience.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is AgentStreamException or OperationCanceledException)
        {
            // It is over, or the server can't be reached: nobody waits for it any more.
        }
    }

    private (string Message, AskOptions Options) Ask(List<ChatMessage> messages, ChatOptions? options)
    {
        var last = messages.FindLastIndex(message => message.Role == ChatRole.User);
        if (last < 0 || string.IsNullOrWhiteSpace(messages[last].Text))
        {
            throw new ArgumentException("An agent is asked with a message of the user that has text.", nameof(messages));
        }

        var history = messages.Take(last)
            .Where(message => message.Role == ChatRole.User || message.Role == ChatRole.Assistant)
            .Where(message => !string.IsNullOrWhiteSpace(message.Text))
            .Select(message => new HistoryMessage(message.Role.Value, message.Text))
            .ToList();
        var instructions = string.Join(
            "\n\n",
            messages.Where(message => message.Role == ChatRole.System).Select(message => message.Text).Append(options?.Instructions)
                .Where(text => !string.IsNullOrWhiteSpace(text)));
        return (
            messages[last].Text,
            new AskOptions
            {
                Agent = agent,
                History = options?.ConversationId is null && history.Count > 0 ? history : null,
                Context = instructions.Length > 0 ? ContextOf(instructions) : null,
                Model = options?.ModelId,
                Temperature = options?.Temperature,
                MaxTokens = options?.MaxOutputTokens,
            });
    }

    private static System.Text.Json.JsonElement ContextOf(string instructions)
    {
        using var stream = new MemoryStream();
        using (var writer = new System.Text.Json.Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("instructions", instructions);
            writer.WriteEndObject();
        }

        using var document = System.Text.Json.JsonDocument.Parse(stream.ToArray());
        return document.RootElement.Clone();
    }

    private static UsageDetails? UsageOf(RunFinished end) => end.Usage is not { } usage ? null : new UsageDetails
    {
        InputTokenCount = usage.InputTokens,
        OutputTokenCount = usage.OutputTokens,
        TotalTokenCount = usage.TotalTokens,
        ReasoningTokenCount = usage.ReasoningTokens,
        CachedInputTokenCount = usage.CachedTokens,
    };
}
