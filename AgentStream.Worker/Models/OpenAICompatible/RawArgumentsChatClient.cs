using System.Runtime.CompilerServices;
using System.Text;
using AgentStream.Worker.Tools.Arguments;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace AgentStream.Worker.Models.OpenAICompatible;

/// <summary>
/// Keeps the arguments of a tool call word for word where they are not JSON: <c>AsIChatClient()</c> reports only
/// that it could not read them, and people should see what the model wrote.
/// </summary>
internal sealed class RawArgumentsChatClient(IChatClient innerClient) : DelegatingChatClient(innerClient)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var response = await base.GetResponseAsync(messages, options, cancellationToken);
        if (response.RawRepresentation is ChatCompletion completion)
        {
            var texts = completion.ToolCalls.Select(call => (call.Id, call.FunctionArguments.ToString()));
            Attach(response.Messages.SelectMany(message => message.Contents), texts);
        }

        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var pieces = new SortedDictionary<int, (string Id, StringBuilder Text)>();
        await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken)
            .WithCancellation(cancellationToken))
        {
            Collect(update.RawRepresentation as StreamingChatCompletionUpdate, pieces);
            Attach(update.Contents, pieces.Values.Select(piece => (piece.Id, piece.Text.ToString())));
            yield return update;
        }
    }

    private static void Collect(StreamingChatCompletionUpdate? update, SortedDictionary<int, (string Id, StringBuilder Text)> pieces)
    {
        foreach (var piece in update?.ToolCallUpdates ?? [])
        {
            if (!pieces.TryGetValue(piece.Index, out var call))
            {
                pieces[piece.Index] = call = (piece.ToolCallId ?? "", new StringBuilder());
            }

            if (piece.FunctionArgumentsUpdate is { } arguments && !arguments.ToMemory().IsEmpty)
            {
                call.Text.Append(arguments.ToString());
            }
        }
    }

    private static void Attach(IEnumerable<AIContent> contents, IEnumerable<(string Id, string Text)> texts)
    {
        foreach (var call in contents.OfType<FunctionCallContent>().Where(call => call.Exception is not null))
        {
            var (_, text) = texts.FirstOrDefault(one => one.Id == call.CallId);
            if (text is not null)
            {
                (call.AdditionalProperties ??= [])[ToolCallText.RawArgumentsProperty] = text;
            }
        }
    }
}
