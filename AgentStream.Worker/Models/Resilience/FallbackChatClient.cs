using System.Runtime.CompilerServices;
using AgentStream.Worker.Models.Pipeline;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Resilience;

/// <summary>
/// Asks a second model where the first can't answer and nothing of its reply was shown.
/// One instance serves one run: once the second had to answer, it answers the rest of the run,
/// so that a run does not wait for the first one's retries again and again, nor change its mind in the middle.
/// </summary>
/// <remarks>Not where the content was refused: that the first provider's rules forbid something is no reason to ask the next one.</remarks>
/// <param name="first">The agent's model.</param>
/// <param name="second">Its fallback.</param>
/// <param name="logger">Hears of it.</param>
internal sealed partial class FallbackChatClient(ResolvedModel first, ResolvedModel second, ILogger logger) : IChatClient
{
    private bool _hasFallenBack;

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var prompt = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        await using var stream = await OpenAsync(prompt, options, cancellationToken);
        var name = Current.DisplayName;
        await foreach (var update in stream.ReadAllAsync())
        {
            AnsweringModel.Mark(update, name);
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : Current.Client.GetService(serviceType, serviceKey);

    public void Dispose()
    {
        // Both models are shared, and belong to the catalog.
    }

    private ResolvedModel Current => _hasFallenBack ? second : first;

    private async Task<OpenedStream> OpenAsync(IReadOnlyList<ChatMessage> prompt, ChatOptions? options, CancellationToken cancellationToken)
    {
        if (!_hasFallenBack)
        {
            try
            {
                return await AskAsync(first, prompt, options, cancellationToken);
            }
            catch (ModelException failure) when (failure is not ModelStreamBrokenException && failure.Code != ModelErrorCode.ContentFilter)
            {
                LogFallsBack(first.DisplayName, failure.Code, second.DisplayName);
                _hasFallenBack = true;
            }
        }

        return await AskAsync(second, prompt, options, cancellationToken);
    }

    private static Task<OpenedStream> AskAsync(
        ResolvedModel model, IReadOnlyList<ChatMessage> prompt, ChatOptions? options, CancellationToken cancellationToken)
    {
        var own = options?.Clone() ?? new ChatOptions();
        own.ModelId = model.ModelId;
        return OpenedStream.OpenAsync(model.Client.GetStreamingResponseAsync(prompt, own, cancellationToken), cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "The model {Model} can't answer ({Code}); {Fallback} answers the rest of the run")]
    private partial void LogFallsBack(string model, string code, string fallback);
}
