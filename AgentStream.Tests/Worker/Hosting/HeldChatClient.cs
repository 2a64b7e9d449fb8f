using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Worker.Hosting;

/// <summary>A model that tells of each question, and answers it when it is told to.</summary>
internal sealed class HeldChatClient : IChatClient
{
    private readonly Channel<HeldReply> _asked = Channel.CreateUnbounded<HeldReply>();

    public async Task<HeldReply> AskedAsync(CancellationToken cancellationToken) => await _asked.Reader.ReadAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var reply = new HeldReply(messages.Last().Text);
        _asked.Writer.TryWrite(reply);
        await reply.Told.WaitAsync(cancellationToken);
        yield return new ChatResponseUpdate(ChatRole.Assistant, "answer");
    }

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        => await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}

/// <summary>A question that was asked.</summary>
/// <param name="message">The last message.</param>
internal sealed class HeldReply(string message)
{
    private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Message { get; } = message;

    public Task Told => _told.Task;

    public void Answer() => _told.TrySetResult();
}
