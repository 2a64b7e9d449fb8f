using System.Runtime.CompilerServices;
using AgentStream.Worker.Models;
using AgentStream.Worker.Models.Resilience;
using AgentStream.Worker.Models.Wire.Refusals;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Worker.Models;

public sealed class RetryChatClientTests
{
    private static readonly ModelException Busy =
        new(ModelErrorCode.RateLimited, "Busy.") { IsTransient = true, RetryAfter = TimeSpan.FromSeconds(7) };
    private static readonly ModelException Down = new(ModelErrorCode.Unavailable, "Down.") { IsTransient = true };

    [Fact]
    public async Task Retry_WaitsAsLongAsTheServerAsks()
    {
        var time = new ReportingTime();
        using var client = new RetryChatClient(new FailingClient(Busy), new ModelOptions(), time);

        var reply = client.GetStreamingResponseAsync([]).ToChatResponseAsync();
        var timer = await time.NextTimerAsync();
        Assert.False(reply.IsCompleted);
        timer.Fire();

        Assert.Equal(TimeSpan.FromSeconds(7), timer.Due);
        Assert.Equal("fine", (await reply).Text);
    }

    [Fact]
    public async Task Retry_Pauses_GrowAndAreBounded()
    {
        var time = new ReportingTime();
        var options = new ModelOptions { MaxRetries = 10, RetryDelay = TimeSpan.FromSeconds(1), MaxRetryDelay = TimeSpan.FromSeconds(5) };
        using var client = new RetryChatClient(new FailingClient([.. Enumerable.Repeat(Down, 11)]), options, time);

        var reply = client.GetResponseAsync([]);
        List<TimeSpan> pauses = [];
        for (var i = 0; i < options.MaxRetries; i++)
        {
            var timer = await time.NextTimerAsync();
            pauses.Add(timer.Due);
            timer.Fire();
        }

        Assert.Same(Down, await Assert.ThrowsAsync<ModelException>(() => reply));
        Assert.All(pauses, pause => Assert.InRange(pause, TimeSpan.Zero, options.MaxRetryDelay));
        Assert.True(pauses.TakeLast(5).Sum(pause => pause.TotalSeconds) > pauses.Take(2).Sum(pause => pause.TotalSeconds));
    }

    /// <summary>A limit that does not say how long it lasts.</summary>
    [Theory]
    [InlineData(true, 20, 40)]
    [InlineData(false, 2, 4)]
    public async Task Retry_OfALimit_WaitsUntilItHasPassed(bool isOfTheMinute, int first, int second)
    {
        var time = new ReportingTime();
        var limit = new ModelException(ModelErrorCode.RateLimited, "Busy.")
        {
            IsTransient = true,
            Refusal = new Refusal(RefusalKind.RateLimit) { IsOfTheMinute = isOfTheMinute },
        };
        using var client = new RetryChatClient(new FailingClient(limit, limit), new ModelOptions(), time);

        var reply = client.GetResponseAsync([]);
        foreach (var expected in new[] { first, second })
        {
            var timer = await time.NextTimerAsync();
            Assert.Equal(TimeSpan.FromSeconds(expected), timer.Due);
            timer.Fire();
        }

        Assert.Equal("fine", (await reply).Text);
    }

    [Fact]
    public async Task Retry_Cancelled_StopsWaiting()
    {
        var time = new ReportingTime();
        using var cancel = new CancellationTokenSource();
        using var client = new RetryChatClient(new FailingClient(Busy), new ModelOptions(), time);

        var reply = client.GetStreamingResponseAsync([], null, cancel.Token).ToChatResponseAsync();
        await time.NextTimerAsync();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reply);
    }

    /// <summary>Fails with these, one call each, and then answers.</summary>
    private sealed class FailingClient(params ModelException[] failures) : IChatClient
    {
        private int _calls;

        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages,
            ChatOptions? options = null,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            if (_calls++ < failures.Length)
            {
                throw failures[_calls - 1];
            }

            yield return new ChatResponseUpdate(ChatRole.Assistant, "fine");
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
