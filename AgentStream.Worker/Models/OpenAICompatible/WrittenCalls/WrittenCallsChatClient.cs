using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.OpenAICompatible.WrittenCalls;

/// <summary>
/// Makes calls of what models write into their text because their server has no parser for it.
/// Only where it names a tool that the agent has; anything else stays text, and the log says what is missing.
/// </summary>
internal sealed partial class WrittenCallsChatClient(IChatClient innerClient, ILogger logger) : DelegatingChatClient(innerClient)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var response = await base.GetResponseAsync(messages, options, cancellationToken);
        if (Begin(options) is { } reply)
        {
            foreach (var message in response.Messages)
            {
                message.Contents = [.. message.Contents.SelectMany(reply.Read)];
            }

            if (response.Messages is [.., { } last])
            {
                last.Contents = [.. last.Contents, .. reply.End(response.FinishReason)];
            }

            response.FinishReason = reply.Reason(response.FinishReason);
            Log(reply);
        }

        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var reply = Begin(options);
        ChatResponseUpdate? last = null;
        ChatFinishReason? reason = null;
        var updates = base.GetStreamingResponseAsync(messages, options, cancellationToken);
        await foreach (var update in updates.WithCancellation(cancellationToken))
        {
            if (reply is not null)
            {
                last = update;
                reason = update.FinishReason ?? reason;
                update.Contents = [.. update.Contents.SelectMany(reply.Read)];
            }

            yield return update;
        }

        if (reply is null)
        {
            yield break;
        }

        var rest = reply.End(reason);
        Log(reply);
        if (rest.Count > 0 || reply.Reason(reason) != reason)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, [.. rest])
            {
                ResponseId = last?.ResponseId,
                MessageId = last?.MessageId,
                ModelId = last?.ModelId,
                FinishReason = reply.Reason(reason),
            };
        }
    }

    private static Reply? Begin(ChatOptions? options)
    {
        var declared = (options?.Tools ?? []).OfType<AIFunctionDeclaration>();
        var tools = declared.DistinctBy(tool => tool.Name).ToDictionary(tool => tool.Name, StringComparer.Ordinal);
        return tools.Count > 0 ? new Reply(new CallReader(new CallParser(tools))) : null;
    }

    private void Log(Reply reply)
    {
        if (reply.HasOthers)
        {
            LogNoCall();
        }
    }

    [LoggerMessage(
        LogLevel.Warning,
        "The model wrote a tool call into its text that can't be made: it names no tool of the agent, or is no JSON. "
            + "Its server has no parser for this model's calls: start vLLM with --enable-auto-tool-choice and --tool-call-parser, "
            + "llama.cpp with --jinja, or use another model.")]
    private partial void LogNoCall();

    /// <summary>
    /// The contents of one reply, in order, and the written calls at its end: a server that reads them itself may leave them in the text.
    /// </summary>
    private sealed class Reply(CallReader reader)
    {
        private readonly List<AIContent> _calls = [];
        private bool _hasOwn;

        public bool HasOthers => reader.HasOthers && !_hasOwn;

        public List<AIContent> Read(AIContent content)
        {
            switch (content)
            {
                case TextContent text:
                    return Keep(reader.Add(text.Text));
                case FunctionCallContent:
                    _hasOwn = true;
                    return [.. Keep(reader.End()), content];
                default:
                    return [content];
            }
        }

        public List<AIContent> End(ChatFinishReason? reason)
        {
            var rest = Keep(reader.End(reason == ChatFinishReason.Length));
            return [.. rest, .. _hasOwn ? [] : _calls];
        }

        public ChatFinishReason? Reason(ChatFinishReason? given) =>
            reader.HasCalls && given == ChatFinishReason.Stop ? ChatFinishReason.ToolCalls : given;

        private List<AIContent> Keep(IReadOnlyList<AIContent> found)
        {
            _calls.AddRange(found.OfType<FunctionCallContent>());
            return [.. found.Where(content => content is not FunctionCallContent)];
        }
    }
}
