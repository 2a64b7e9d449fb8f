using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Pipeline;

/// <summary>
/// Turns whatever a provider's client throws into <see cref="ModelException"/>, and, once a part of the reply has been yielded,
/// into <see cref="ModelStreamBrokenException"/>. Only cancellation passes as it is.
/// </summary>
/// <param name="innerClient">The provider's client.</param>
/// <param name="explain">Knows the provider's exceptions, and what it was asked with.</param>
/// <param name="logger">Gets what was caught: people never do.</param>
internal sealed partial class ModelErrorChatClient(
    IChatClient innerClient, Func<Exception, ChatOptions?, ModelException> explain, ILogger logger)
    : DelegatingChatClient(innerClient)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatResponse response;
        try
        {
            response = await base.GetResponseAsync(messages, options, cancellationToken);
        }
        catch (Exception exception)
        {
            throw Translate(exception, options, shown: false, cancellationToken);
        }

        var isEmpty = !response.Messages.SelectMany(message => message.Contents).Any();
        return isEmpty && response.FinishReason == ChatFinishReason.ContentFilter ? throw Filtered(response.Usage) : response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var updates = base.GetStreamingResponseAsync(messages, options, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        var shown = false;
        var filtered = false;
        UsageDetails? usage = null;
        while (true)
        {
            try
            {
                if (!await updates.MoveNextAsync())
                {
                    break;
                }
            }
            catch (Exception exception)
            {
                throw Translate(exception, options, shown, cancellationToken);
            }

            shown |= updates.Current.HasContent();
            usage = updates.Current.Contents.OfType<UsageContent>().LastOrDefault()?.Details ?? usage;
            filtered |= updates.Current.FinishReason == ChatFinishReason.ContentFilter;
            yield return updates.Current;
        }

        if (filtered && !shown)
        {
            throw Filtered(usage);
        }
    }

    private Exception Translate(Exception exception, ChatOptions? options, bool shown, CancellationToken cancellationToken)
    {
        // An aborted request surfaces in many forms; if it was us who cancelled, it is a cancellation.
        if (cancellationToken.IsCancellationRequested)
        {
            return exception as OperationCanceledException
                ?? new OperationCanceledException("The model call was cancelled.", exception, cancellationToken);
        }

        var explained = explain(exception, options);
        LogFailed(explained.Code, shown, exception);
        return shown ? new ModelStreamBrokenException(explained) : explained;
    }

    private static ModelException Filtered(UsageDetails? usage) => new(
        ModelErrorCode.ContentFilter, "The model provider's content filter withheld the answer. Put the question in other words.")
    { Usage = usage };

    [LoggerMessage(LogLevel.Warning, "The model call failed ({Code}); part of the reply was shown: {Shown}.")]
    private partial void LogFailed(string code, bool shown, Exception exception);
}
