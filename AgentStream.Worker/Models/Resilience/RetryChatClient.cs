using System.Runtime.CompilerServices;
using AgentStream.Worker.Models.Wire.Refusals;
using Microsoft.Extensions.AI;
using Polly;
using Polly.Retry;

namespace AgentStream.Worker.Models.Resilience;

/// <summary>
/// Asks again, with growing pauses and jitter, while nothing of the reply has been passed on.
/// This is the only place that retries a model call.
/// A server that says how long it wants to be left alone, in a header or in its words, is left alone for so long;
/// for longer than the longest pause it is not asked again.
/// </summary>
internal sealed class RetryChatClient : DelegatingChatClient
{
    /// <summary>
    /// The factor beside the pause after another failure: with the usual settings 20 and 40 seconds, together the minute.
    /// </summary>
    private const int PausesOfAMinute = 40;

    /// <summary>The same for a limit that may be of a second: 2 and 4 seconds.</summary>
    private const int PausesOfALimit = 4;

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
                    attempt.Outcome.Exception is ModelException { IsTransient: true } problem
                        && !(problem.RetryAfter > options.MaxRetryDelay)),
                DelayGenerator =
                    attempt => ValueTask.FromResult(PauseFor(attempt.Outcome.Exception as ModelException, attempt.AttemptNumber, options)),
            });
        }

        _retry = builder.Build();
    }

    /// <summary>
    /// The pause that the server asks for; a minute's limit that does not say when it ends takes up to a minute. Null: the usual pause.
    /// </summary>
    private static TimeSpan? PauseFor(ModelException? problem, int attempt, ModelOptions options)
    {
        if (problem?.RetryAfter is not null || problem?.Refusal is not { Kind: RefusalKind.RateLimit } limit)
        {
            return problem?.RetryAfter;
        }

        var pause = options.RetryDelay * (limit.IsOfTheMinute ? PausesOfAMinute : PausesOfALimit) * (1 << Math.Min(attempt, 16));
        return pause < options.MaxRetryDelay ? pause : options.MaxRetryDelay;
    }

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var prompt = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        return await _retry.ExecuteAsync(async token => await base.GetResponseAsync(prompt, options, token), cancellationToken);
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var prompt = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        await using var stream = await _retry.ExecuteAsync(
            async token => await OpenedStream.OpenAsync(base.GetStreamingResponseAsync(prompt, options, cancellationToken), token),
            cancellationToken);
        await foreach (var update in stream.ReadAllAsync())
        {
            yield return update;
        }
    }
}
