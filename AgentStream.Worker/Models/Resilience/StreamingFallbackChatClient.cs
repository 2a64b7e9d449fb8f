using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Resilience;

/// <summary>
/// Where a model or its server can't stream, or its stream fails before the first token in spite of all retries,
/// asks for the whole reply instead and streams that on, word by word. A refusal to stream is remembered for the life of the client.
/// </summary>
internal sealed partial class StreamingFallbackChatClient(IChatClient innerClient, ILogger logger) : DelegatingChatClient(innerClient)
{
    private volatile bool _refusesStreaming;

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var prompt = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        await using var stream = _refusesStreaming ? null : await TryOpenAsync(prompt, options, cancellationToken);
        if (stream is not null)
        {
            await foreach (var update in stream.ReadAllAsync())
            {
                yield return update;
            }

            yield break;
        }

        var whole = await base.GetResponseAsync(prompt, options, cancellationToken);
        foreach (var update in WholeReply.InPieces(whole))
        {
            yield return update;
        }
    }

    private async Task<OpenedStream?> TryOpenAsync(
        IReadOnlyList<ChatMessage> prompt, ChatOptions? options, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenedStream.OpenAsync(base.GetStreamingResponseAsync(prompt, options, cancellationToken), cancellationToken);
        }
        catch (ModelException problem) when (problem.RefusesStreaming)
        {
            LogRefused();
            _refusesStreaming = true;
            return null;
        }
        catch (ModelException problem) when (problem.MayAnswerWhole)
        {
            LogFailed(problem.Code);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Information, "The model does not stream: its replies are asked for whole from now on.")]
    private partial void LogRefused();

    [LoggerMessage(LogLevel.Warning, "The stream failed before its first token ({Code}): asking for the whole reply.")]
    private partial void LogFailed(string code);
}
