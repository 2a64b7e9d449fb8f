using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;

namespace AgentStream.Tests.Messaging.Contract;

/// <content>What one owner may have, over all sessions.</content>
public abstract partial class SessionStoreContract
{
    [Fact]
    public async Task Owner_WithRunsInAsManySessionsAsOneMayHave_GetsAnotherWhenOneIsOver()
    {
        await using var home = await OpenAsync(new MessagingOptions { MaxRunsPerOwner = 2 });
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s1"));
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s2"));

        Assert.Equal(EnqueueStatus.TooManyRuns, await AskAsync(home, "s3"));

        // Others are not concerned, what was taken stays taken, and what waits for a run under way is none.
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s4", owner: "bert"));
        Assert.Equal(EnqueueStatus.Duplicate, await AskAsync(home, "s2"));
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s1", "m2"));
        await home.RestartAsync();
        Assert.Equal(EnqueueStatus.TooManyRuns, await AskAsync(home, "s3"));

        await home.Queue.CancelAsync(SessionId.Parse("s2"), null, "client");
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s3"));
        Assert.Equal(EnqueueStatus.TooManyRuns, await AskAsync(home, "s2", "m2"));
        await home.Log.EraseAsync(SessionId.Parse("s1"));
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s2", "m2"));
    }

    [Fact]
    public async Task Owner_AskingInManySessionsAtOnce_GetsNoMoreRunsThanOneMayHave()
    {
        await using var home = await OpenAsync(new MessagingOptions { MaxRunsPerOwner = 3 });

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(number => Task.Run(() => AskAsync(home, $"s{number}"))));

        Assert.Equal(3, answers.Count(answer => answer == EnqueueStatus.Accepted));
        Assert.Equal(9, answers.Count(answer => answer == EnqueueStatus.TooManyRuns));
    }

    [Fact]
    public async Task Owner_WithAsManyWaitingRunsAsOneMayHave_GetsAnotherWhenOneIsOver()
    {
        await using var home = await OpenAsync(new MessagingOptions { MaxQueuedRunsPerOwner = 2 });
        foreach (var (session, message) in new[] { ("s1", "m1"), ("s1", "m2"), ("s2", "m1"), ("s2", "m2") })
        {
            Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, session, message));
        }

        Assert.Equal(EnqueueStatus.TooManyQueued, await AskAsync(home, "s1", "m3"));
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s3", "m1"));

        await home.Queue.CancelAsync(SessionId.Parse("s2"), null, "client");
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s1", "m3"));
    }

    [Fact]
    public async Task Owner_RefusedByTheSessionItself_KeepsNoPlace()
    {
        await using var home = await OpenAsync(new MessagingOptions { MaxRunsPerOwner = 1, MaxQueuedRuns = 1 });
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s1", "m1"));
        Assert.Equal(EnqueueStatus.QueueFull, await AskAsync(home, "s1", "m2"));
        await home.Queue.CancelAsync(SessionId.Parse("s1"), null, "client");

        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s2", "m1"));
    }

    [Fact]
    public async Task Owner_WhoHasUsedTheTokensOfTheDay_WaitsForTheNext()
    {
        await using var home = await OpenAsync(new MessagingOptions { MaxTokensPerDay = 100 });
        await SpendAsync(home, "s1", new TokenUsage { TotalTokens = 60 });
        await SpendAsync(home, "s2", new TokenUsage { TotalTokens = 39 });
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s3"));
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s4"));
        await FinishNextAsync(home, new TokenUsage { TotalTokens = 1 });

        Assert.Equal(EnqueueStatus.DaySpent, await AskAsync(home, "s1", "m2"));
        Assert.Equal(EnqueueStatus.Duplicate, await AskAsync(home, "s1"));
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s5", owner: "bert"));

        // What was begun goes on, and a session that is erased was used all the same.
        await FinishNextAsync(home, new TokenUsage { TotalTokens = 500 });
        await home.Log.EraseAsync(SessionId.Parse("s1"));
        await home.RestartAsync();
        Assert.Equal(EnqueueStatus.DaySpent, await AskAsync(home, "s6"));

        await home.AdvanceAsync(TimeSpan.FromDays(1));
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s6"));
    }

    [Fact]
    public async Task Owner_WhoHasSpentTheMoneyOfTheDay_WaitsForTheNext()
    {
        await using var home = await OpenAsync(new MessagingOptions { MaxMoneyPerDay = 0.3m });
        await SpendAsync(home, "s1", new TokenUsage { TotalTokens = 1_000, Cost = 0.1m });
        await SpendAsync(home, "s2", new TokenUsage { TotalTokens = 1_000 });
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s3"));
        await FinishNextAsync(home, new TokenUsage { TotalTokens = 1, Cost = 0.2m });

        Assert.Equal(EnqueueStatus.DaySpent, await AskAsync(home, "s4"));
        await home.AdvanceAsync(TimeSpan.FromDays(1));
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s4"));
    }

    [Fact]
    public async Task Owner_EndOfARunThatIsSaidTwice_CountsOnce()
    {
        await using var home = await OpenAsync(new MessagingOptions { MaxTokensPerDay = 100 });
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s1"));
        var append = Make.Append((await ClaimAsync(home)).Lease, 1, Make.Started());
        var finished = Make.Finished() with { Usage = new TokenUsage { TotalTokens = 60 } };

        await home.Queue.FinishAsync(append, finished);
        await home.Queue.FinishAsync(append, finished);

        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s1", "m2"));
    }

    [Fact]
    public async Task Owner_WithAsManySessionsAsOneMayHave_GoesOnInThose()
    {
        await using var home = await OpenAsync(new MessagingOptions { MaxSessionsPerOwner = 2 });
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s1"));
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s2"));

        Assert.Equal(EnqueueStatus.TooManySessions, await AskAsync(home, "s3"));
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s3", owner: "bert"));
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s2", "m2"));
        await home.Log.EraseAsync(SessionId.Parse("s1"));
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s4"));
    }

    [Fact]
    public async Task Owner_WhoseSessionsAreAsLargeAsTheyMayBe_ErasesSome()
    {
        await using var home = await OpenAsync(new MessagingOptions { MaxBytesPerOwner = 10_000 });
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s1", message: new string('x', 10_000)));
        await home.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(EnqueueStatus.TooManyBytes, await AskAsync(home, "s1", "m2"));
        Assert.Equal(EnqueueStatus.TooManyBytes, await AskAsync(home, "s2"));
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s3", owner: "bert"));
        await home.Log.EraseAsync(SessionId.Parse("s1"));
        await home.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, "s2"));
    }

    private static async Task<EnqueueStatus> AskAsync(
        StoreHome home, string session, string messageId = "m1", string owner = "anna", string? message = null)
    {
        var request = Make.Request(messageId, SessionId.Parse(session), message: message) with { Owner = PrincipalId.Parse(owner) };
        return (await home.Queue.EnqueueAsync(request)).Status;
    }

    private static async Task SpendAsync(StoreHome home, string session, TokenUsage usage)
    {
        Assert.Equal(EnqueueStatus.Accepted, await AskAsync(home, session));
        await FinishNextAsync(home, usage);
    }

    private static async Task FinishNextAsync(StoreHome home, TokenUsage usage)
    {
        var lease = (await ClaimAsync(home)).Lease;
        var result = await home.Queue.FinishAsync(Make.Append(lease, 1, Make.Started()), Make.Finished() with { Usage = usage });
        Assert.Equal(AppendStatus.Appended, result.Status);
    }
}
