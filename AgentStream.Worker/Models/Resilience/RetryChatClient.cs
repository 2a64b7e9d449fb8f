using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Polly;
using Polly.Retry;

namespace AgentStream.Worker.Models.Resilience;

/// <summary>
/// Asks again, with growing pauses and jitter, while nothing of the reply has been passed on. This is the only place that retries a model call.
/// A server's <c>Retry-After</c> is honoured; one that wants to be left alone for longer than the longest pause is not asked again.
/// </summary>
internal sealed class RetryChatClient : DelegatingChatClient
{
    private readonly ResiliencePipeline _retry;

    public RetryChatClient(IChatClient innerClient, ModelOptions options, TimeProvider time)
        : base(innerClient)
    {
        var builder = new ResiliencePipelineBuilder { TimeProvider = time };
        if (options.MaxRetries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = options.MaxRetries,
                Delay = options.RetryDelay,
                MaxDelay = options.MaxRetryDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = attempt => ValueTask.FromResult(
                    attempt.Outcome.Exception is ModelException { IsTransient: true } problem && !(problem.RetryAfter > options.MaxRetryDelay)),
                DelayGenerator = static attempt => ValueTask.FromResult((attempt.Outcome.Exception as ModelException)?.RetryAfter),
            });
        }

        _retry = builder.Build();
    }

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var prompt = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        return await _retry.ExecuteAsync(async token => await base.GetResponseAsync(prompt, options, token), cancellationToken);
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var prompt = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        await using var stream = await _retry.ExecuteAsync(
            async token => await OpenedStream.OpenAsync(base.GetStreamingResponseAsync(prompt, options, cancellationToken), token), cancellationToken);
        await foreach (var update in stream.ReadAllAsync())
        {
            yield return update;
        }
    }
}
