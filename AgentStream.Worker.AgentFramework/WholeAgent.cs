using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentStream.Worker.Models;
using AgentStream.Worker.Models.Pipeline;
using AgentStream.Worker.Tools.Arguments;
using AgentStream.Worker.Tools.Output;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentStream.Worker.AgentFramework;

/// <summary>
/// An agent that calls its tools itself, as the model of our loop: all of its work is one reply.
/// Its calls are shown, and nobody here makes them.
/// </summary>
internal sealed partial class WholeAgent(string name, AIAgent agent, int resultCharacters, ILogger<WholeAgent> logger) : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        => GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var stream = agent.RunStreamingAsync(messages, session: null, options: null, cancellationToken);
        await using var updates = stream.GetAsyncEnumerator(cancellationToken);
        (string? Author, string? Message) writer = default;
        var wrote = false;
        ChatFinishReason? end = null;
        while (true)
        {
            try
            {
                if (!await updates.MoveNextAsync())
                {
                    break;
                }
            }
            catch (Exception exception) when (!(exception is OperationCanceledException && cancellationToken.IsCancellationRequested))
            {
                LogFailed(exception, name);
                throw Failed(exception);
            }

            var update = updates.Current;
            List<AIContent> contents = [.. update.Contents.Select(Shown).OfType<AIContent>()];
            if (contents.Exists(content => content is TextContent))
            {
                // Another message, or another agent of a workflow: what they say is not to run together.
                var now = (update.AuthorName, update.MessageId);
                if (wrote && now != writer)
                {
                    contents.Insert(0, new TextContent("\n\n"));
                }

                (writer, wrote) = (now, true);
            }
            else if (contents.Exists(content => content is AgentsOwnCall))
            {
                wrote = false;
            }

            end = update.FinishReason ?? end;
            if (contents.Count > 0)
            {
                yield return new ChatResponseUpdate(ChatRole.Assistant, contents);
            }
        }

        // That a reply within its work ended with calls is no end of it.
        yield return new ChatResponseUpdate(ChatRole.Assistant, [])
        {
            FinishReason = end is null || end == ChatFinishReason.ToolCalls ? ChatFinishReason.Stop : end,
        };
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
        => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : agent.GetService(serviceType, serviceKey);

    public void Dispose()
    {
        // The agent belongs to who brought it.
    }

    /// <summary>What people see of it; <c>null</c>: nothing.</summary>
    private AIContent? Shown(AIContent content) => content switch
    {
        FunctionCallContent call => new AgentsOwnCall(call.CallId, call.Name, ToolCallText.ArgumentsOf(call)),
        FunctionResultContent result => new AgentsOwnResult(result.CallId, TextOf(result), result.Exception is not null),
        TextContent or TextReasoningContent or UsageContent => content,
        ToolApprovalRequestContent => throw new ModelException(
            ModelErrorCode.Error,
            $"The agent {name} asks for approval inside its own work, which can't be passed on. Its tools can be approved where the worker "
                + "calls them: as a plain ChatClientAgent."),
        ErrorContent error => throw Told(error),
        _ => null,
    };

    private string TextOf(FunctionResultContent result)
    {
        if (result.Exception is { } exception)
        {
            LogToolFailed(exception, name);
        }

        try
        {
            return CutText.Of(ToolResultText.Of(result.Result), resultCharacters);
        }
        catch (Exception unwritable) when (unwritable is NotSupportedException or JsonException)
        {
            // The agent has read it; only people can't.
            return "[a result that is no text]";
        }
    }

    private ModelException Told(ErrorContent error)
    {
        LogTold(name, error.Message);
        return Failed(null);
    }

    private ModelException Failed(Exception? exception) => new(
        ModelErrorCode.Error, $"The agent {name} failed. What it did until then stands. The worker's log says why.", exception);

    [LoggerMessage(LogLevel.Warning, "Agent {Agent} failed")]
    private partial void LogFailed(Exception exception, string agent);

    [LoggerMessage(LogLevel.Warning, "Agent {Agent} says that it failed: {Error}")]
    private partial void LogTold(string agent, string error);

    [LoggerMessage(LogLevel.Warning, "A tool of agent {Agent} failed")]
    private partial void LogToolFailed(Exception exception, string agent);
}
