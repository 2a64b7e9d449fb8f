using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Worker.Running;

/// <summary>
/// A model that plays a plan: which reply it gives depends only on how many the conversation has
/// since the last message, as with a real one.
/// </summary>
internal sealed class PlannedChatClient(params object[][] replies) : IChatClient
{
    private readonly Dictionary<int, int> _asked = [];

    /// <summary>The prompts it was given, in order.</summary>
    public List<IReadOnlyList<ChatMessage>> Prompts { get; } = [];

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var prompt = messages.ToList();
        Prompts.Add(prompt);
        var index = prompt.Count(
            message => message.Role == ChatRole.Assistant) - prompt.FindLastIndex(message => message.Role == ChatRole.User) switch
            {
                var user => prompt.Take(user).Count(message => message.Role == ChatRole.Assistant),
            };
        _asked[index] = _asked.GetValueOrDefault(index) + 1;
        foreach (var part in replies[index])
        {
            cancellationToken.ThrowIfCancellationRequested();
            switch (part)
            {
                case Exception exception when _asked[index] == 1:
                    throw exception;
                case Exception:
                    break;
                case Always always:
                    throw always.Exception;
                case Task gate:
                    await gate.WaitAsync(cancellationToken);
                    break;
                case Action action:
                    action();
                    break;
                case ChatFinishReason reason:
                    yield return new ChatResponseUpdate { FinishReason = reason };
                    break;
                case string text:
                    yield return new ChatResponseUpdate(ChatRole.Assistant, text);
                    break;
                case Func<AIContent> make:
                    yield return new ChatResponseUpdate(ChatRole.Assistant, [make()]);
                    break;
                case AIContent content:
                    yield return new ChatResponseUpdate(ChatRole.Assistant, [content]);
                    break;
                default:
                    throw new ArgumentException($"The plan has a part that is none: {part}");
            }
        }
    }

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        => await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    /// <summary>A failure that happens each time, not only the first.</summary>
    internal sealed record Always(Exception Exception);
}
