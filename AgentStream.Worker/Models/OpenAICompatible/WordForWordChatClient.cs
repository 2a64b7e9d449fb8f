#pragma warning disable SCME0001 // The raw JSON of a reply is marked experimental in the SDK, and is the only way to its other fields.

using System.ClientModel.Primitives;
using System.Runtime.CompilerServices;
using System.Text;
using AgentStream.Worker.Models.Pipeline;
using AgentStream.Worker.Tools.Arguments;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace AgentStream.Worker.Models.OpenAICompatible;

/// <summary>
/// Keeps replies word for word, and gives them back so: <c>AsIChatClient()</c> knows the standard fields alone, reports of arguments that
/// are no JSON only that it could not read them, and writes those
/// that are anew.
/// </summary>
/// <param name="innerClient">The SDK's.</param>
/// <param name="origin">Provider and model, whose replies these are.</param>
internal sealed class WordForWordChatClient(IChatClient innerClient, string origin) : DelegatingChatClient(innerClient)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var response = await base.GetResponseAsync([.. ReturnedReply.Prepare(messages)], options, cancellationToken);
        if (response is { RawRepresentation: ChatCompletion completion, Messages: [.., { } last] })
        {
            Attach(last.Contents, [.. completion.ToolCalls.Select(call => (call.Id, call.FunctionArguments.ToString()))]);
            AddKept(last.Contents, ref completion.Patch, KeptInMessage);
        }

        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var pieces = new SortedDictionary<int, (string Id, StringBuilder Text)>();
        List<ChatMessage> prompt = [.. ReturnedReply.Prepare(messages)];
        await foreach (var update in base.GetStreamingResponseAsync(prompt, options, cancellationToken).WithCancellation(cancellationToken))
        {
            if (update.RawRepresentation is StreamingChatCompletionUpdate raw)
            {
                Collect(raw, pieces);
                AddKept(update.Contents, ref raw.Patch, KeptInDelta);
            }

            Attach(update.Contents, [.. pieces.Values.Select(piece => (piece.Id, piece.Text.ToString()))]);
            yield return update;
        }
    }

    private static ReadOnlySpan<byte> KeptInDelta => "$.choices[0].delta.agentstream_kept"u8;

    private static ReadOnlySpan<byte> KeptInMessage => "$.choices[0].message.agentstream_kept"u8;

    private void AddKept(IList<AIContent> contents, ref JsonPatch fields, ReadOnlySpan<byte> path)
    {
        if (fields.TryGetJson(path, out var kept))
        {
            contents.Add(OpaqueThought.Create(origin, Encoding.UTF8.GetString(kept.Span)));
        }
    }

    private static void Collect(StreamingChatCompletionUpdate update, SortedDictionary<int, (string Id, StringBuilder Text)> pieces)
    {
        foreach (var piece in update.ToolCallUpdates)
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

    /// <summary>Calls come in the order of their pieces; two of them may have one id.</summary>
    private static void Attach(IEnumerable<AIContent> contents, List<(string Id, string Text)> texts)
    {
        foreach (var call in contents.OfType<FunctionCallContent>())
        {
            var index = texts.FindIndex(one => one.Id == call.CallId);
            if (index >= 0)
            {
                (call.AdditionalProperties ??= [])[ToolCallText.RawArgumentsProperty] = texts[index].Text;
                texts.RemoveAt(index);
            }
        }
    }
}
