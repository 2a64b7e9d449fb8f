using System.Runtime.CompilerServices;
using AgentStream.Worker.Models.Pipeline;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Resilience;

/// <summary>Ends replies that have gone quiet: a connection can be open for hours without anybody at its other end.</summary>
/// <remarks>Only the model's silence counts, not the time that whoever reads takes.</remarks>
internal sealed class IdleTimeoutChatClient(IChatClient innerClient, ModelOptions options, TimeProvider time)
    : DelegatingChatClient(innerClient)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? chatOptions = null, CancellationToken cancellationToken = default)
    {
        using var timer = new CancellationTokenSource(options.NetworkTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return await base.GetResponseAsync(messages, chatOptions, either.Token);
        }
        catch (Exception exception) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Quiet(options.NetworkTimeout, exception);
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? chatOptions = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var timer = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        await using var updates = base.GetStreamingResponseAsync(messages, chatOptions, either.Token).GetAsyncEnumerator(either.Token);
        var begun = false;
        while (true)
        {
            var patience = begun ? options.IdleTimeout : options.NetworkTimeout;
            try
            {
                timer.CancelAfter(patience);
                if (!await updates.MoveNextAsync())
                {
                    break;
                }

                timer.CancelAfter(Timeout.InfiniteTimeSpan);
            }
            catch (Exception exception) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw Quiet(patience, exception);
            }

            begun |= updates.Current.HasContent();
            yield return updates.Current;
        }
    }

    private static ModelException Quiet(TimeSpan patience, Exception exception) => new(
        ModelErrorCode.Unavailable,
        $"The model has said nothing for {patience.TotalSeconds:0.###} s and was given up. Try again, or use another model.", exception)
    { IsTransient = true };
}
