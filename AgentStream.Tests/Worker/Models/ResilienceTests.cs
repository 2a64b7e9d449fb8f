using System.Runtime.CompilerServices;
using AgentStream.Tests.Wire;
using AgentStream.Worker.Models;
using AgentStream.Worker.Models.Pipeline;
using AgentStream.Worker.Models.Resilience;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentStream.Tests.Worker.Models;

public sealed class ResilienceTests
{
    private static readonly List<ChatMessage> Question = [new(ChatRole.User, "hi")];

    [Fact]
    public async Task Gate_OfOne_LetsTheSecondReplyBeginWhenTheFirstIsOver()
    {
        using var gate = new RequestGate(1);
        var open = new TaskCompletionSource();
        var begun = 0;
        using var client = new GatedChatClient(new Client(Begin), gate);
        await using var first = client.GetStreamingResponseAsync(Question).GetAsyncEnumerator();
        Assert.True(await first.MoveNextAsync());
        await using var second = client.GetStreamingResponseAsync(Question).GetAsyncEnumerator();

        var waiting = second.MoveNextAsync().AsTask();
        Assert.Equal((1, false), (begun, waiting.IsCompleted));
        open.SetResult();
        Assert.False(await first.MoveNextAsync());

        Assert.True(await waiting.WaitAsync(WireTimeout.Default));
        Assert.Equal(2, begun);

        async IAsyncEnumerable<ChatResponseUpdate> Begin([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            begun++;
            yield return Text("x");
            await open.Task.WaitAsync(cancellationToken);
        }
    }

    [Fact]
    public async Task Gate_LeftInMidReply_IsFreeAgain()
    {
        using var gate = new RequestGate(1);
        using var client = new GatedChatClient(new Client(Forever), gate);
        await foreach (var _ in client.GetStreamingResponseAsync(Question))
        {
            break;
        }

        using var place = await gate.EnterAsync(CancellationToken.None).WaitAsync(WireTimeout.Default);
    }

    [Fact]
    public async Task Idle_QuietInMidReply_IsGivenUp()
    {
        var time = new FakeTimeProvider();
        var options = new ModelOptions { NetworkTimeout = TimeSpan.FromMinutes(10), IdleTimeout = TimeSpan.FromMinutes(1) };
        using var client = new IdleTimeoutChatClient(new Client(Forever), options, time);
        await using var reply = client.GetStreamingResponseAsync(Question).GetAsyncEnumerator();

        Assert.True(await reply.MoveNextAsync());
        // However long the reader takes, the model is not to blame.
        time.Advance(TimeSpan.FromHours(1));
        var next = reply.MoveNextAsync().AsTask();
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromMinutes(1));

        var failure = await Assert.ThrowsAsync<ModelException>(() => next.WaitAsync(WireTimeout.Default));
        Assert.Equal((ModelErrorCode.Unavailable, true), (failure.Code, failure.IsTransient));
    }

    [Fact]
    public async Task Idle_BeforeTheFirstToken_HasTheLongerTime()
    {
        var time = new FakeTimeProvider();
        var options = new ModelOptions { NetworkTimeout = TimeSpan.FromMinutes(10), IdleTimeout = TimeSpan.FromMinutes(1) };
        using var client = new IdleTimeoutChatClient(new Client(Nothing), options, time);
        await using var reply = client.GetStreamingResponseAsync(Question).GetAsyncEnumerator();

        var next = reply.MoveNextAsync().AsTask();
        time.Advance(TimeSpan.FromMinutes(9));
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAsync<ModelException>(() => next.WaitAsync(WireTimeout.Default));
    }

    [Fact]
    public async Task Fallback_WhereTheFirstCanNotAnswer_AnswersTheRestOfTheRunUnderItsName()
    {
        var asked = new List<string>();
        using var client = new FallbackChatClient(
            Model("first", asked, new ModelException(ModelErrorCode.RateLimited, "Busy.")), Model("second", asked, null),
            NullLogger.Instance);

        var reply = await client.GetStreamingResponseAsync(Question, new ChatOptions { ModelId = "first" }).ToListAsync();
        await client.GetStreamingResponseAsync(Question, new ChatOptions { ModelId = "first" }).ToListAsync();

        Assert.All(reply, update => Assert.Equal("shown/second", AnsweringModel.Of(update)));
        Assert.Equal(["first:first", "second:second", "second:second"], asked);
    }

    [Theory]
    [InlineData(ModelErrorCode.ContentFilter)]
    [InlineData("shown")]
    public async Task Fallback_ForRefusedContentOrAfterText_IsNotAsked(string how)
    {
        var asked = new List<string>();
        var failure = new ModelException(ModelErrorCode.ContentFilter, "No.");
        using var client = new FallbackChatClient(
            Model("first", asked, how == "shown" ? new ModelStreamBrokenException(failure) : failure, textFirst: how == "shown"),
            Model("second", asked, null), NullLogger.Instance);

        await Assert.ThrowsAnyAsync<ModelException>(async () => await client.GetStreamingResponseAsync(Question).ToListAsync());

        Assert.Equal(["first:first"], asked);
    }

    private static ResolvedModel Model(string id, List<string> asked, ModelException? failure, bool textFirst = false)
    {
        return new ResolvedModel(new Client(Answer), "test", id, $"shown/{id}");

        async IAsyncEnumerable<ChatResponseUpdate> Answer(
            ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            asked.Add($"{id}:{options?.ModelId}");
            if (textFirst || failure is null)
            {
                yield return Text("x");
            }

            if (failure is not null)
            {
                throw failure;
            }
        }
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> Forever([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return Text("x");
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> Nothing([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        yield break;
    }

    private static ChatResponseUpdate Text(string text) => new(ChatRole.Assistant, text);

    private sealed class Client(Func<ChatOptions?, CancellationToken, IAsyncEnumerable<ChatResponseUpdate>> answer) : IChatClient
    {
        public Client(Func<CancellationToken, IAsyncEnumerable<ChatResponseUpdate>> answer)
            : this((_, cancellationToken) => answer(cancellationToken))
        {
        }

        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            answer(options, cancellationToken).ToChatResponseAsync(cancellationToken);

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages,
            ChatOptions? options = null,
            CancellationToken cancellationToken = default) => answer(options, cancellationToken);

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
