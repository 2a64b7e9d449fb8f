using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Tests.Messaging.Contract;

/// <content>Sessions as lists and pages show them.</content>
public abstract partial class SessionStoreContract
{
    [Fact]
    public async Task Transcript_OfSeveralRuns_HasTheUsageOfAll()
    {
        await using var home = await OpenAsync();
        for (var i = 1; i <= 2; i++)
        {
            await home.Queue.EnqueueAsync(Make.Request($"m{i}"));
            var lease = (await home.Queue.ClaimAsync("w"))!.Lease;
            await home.Queue.FinishAsync(
                Make.Append(lease, 1, Make.Started()),
                Make.Finished() with
                {
                    Usage = new TokenUsage
                    {
                        InputTokens = 10,
                        OutputTokens = i,
                        TotalTokens = 10 + i,
                        TokensPerSecond = 5,
                        TimeToFirstTokenMs = 100 * i,
                        Model = "m",
                    },
                });
        }

        var page = await home.Log.ReadTranscriptAsync(Session, null, 1);
        var snapshot = await home.Log.SnapshotAsync(Session);

        Assert.True(page.HasMore);
        Assert.Equal(
            new TokenUsage { InputTokens = 20, OutputTokens = 3, TotalTokens = 23, TokensPerSecond = 5, TimeToFirstTokenMs = 150 },
            page.Usage);
        Assert.Equal(page.Usage, snapshot.Data.Usage);
        Assert.Equal("m", page.Messages[0].Model);
    }

    [Fact]
    public async Task Snapshot_AskedForTwice_IsMadeOnce()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request());

        var first = await home.Log.SnapshotAsync(Session);

        Assert.Same(first, await home.Log.SnapshotAsync(Session));
        await home.Log.RenameAsync(Session, "other");
        Assert.Equal("other", (await home.Log.SnapshotAsync(Session)).Data.Title);
    }

    [Fact]
    public async Task Transcript_MoreThanAPage_IsReadBackwards()
    {
        await using var home = await OpenAsync(new MessagingOptions { SnapshotMessages = 2 });
        foreach (var id in (string[])["m1", "m2", "m3", "m4", "m5"])
        {
            await FinishedRunAsync(home, id);
        }

        var snapshot = (await home.Log.SnapshotAsync(Session)).Data;
        var before = await home.Log.ReadTranscriptAsync(Session, snapshot.Messages[0].Seq, 2);
        var first = await home.Log.ReadTranscriptAsync(Session, before.Messages[0].Seq, 2);

        Assert.Equal(["m4", "m5"], snapshot.Messages.Select(message => message.MessageId.Value));
        Assert.Equal(["m2", "m3"], before.Messages.Select(message => message.MessageId.Value));
        Assert.Equal(["m1"], first.Messages.Select(message => message.MessageId.Value));
        Assert.Equal((true, true, false), (snapshot.HasMore, before.HasMore, first.HasMore));
    }

    [Fact]
    public async Task List_ManySessions_PagesByLastChangeAndOwner()
    {
        await using var home = await OpenAsync();
        for (var i = 0; i < 5; i++)
        {
            await home.Queue.EnqueueAsync(Make.Request("m1", SessionId.Parse($"s{i}"), message: $"Talk {i}"));
            await home.AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        await home.Queue.EnqueueAsync(Make.Request("m1", SessionId.Parse("theirs")) with { Owner = PrincipalId.Parse("else") });
        await home.Log.RenameAsync(SessionId.Parse("s1"), "Renamed talk");
        var query = new SessionQuery { Owner = PrincipalId.Anonymous, Limit = 2 };

        var first = await home.Log.ListAsync(query);
        await home.Queue.EnqueueAsync(Make.Request("m1", SessionId.Parse("new")));
        var second = await home.Log.ListAsync(query with { PageToken = first.Next });
        var third = await home.Log.ListAsync(query with { PageToken = second.Next });

        Assert.Equal(
            ["s1", "s4", "s3", "s2", "s0"],
            first.Sessions.Concat(second.Sessions).Concat(third.Sessions).Select(session => session.SessionId.Value));
        Assert.Null(third.Next);
        Assert.Equal((1, true, "Renamed talk"), (first.Sessions[0].Messages, first.Sessions[0].Busy, first.Sessions[0].Title));
        Assert.Equal(
            ["s1"], (await home.Log.ListAsync(query with { Search = "RENAMED" })).Sessions.Select(session => session.SessionId.Value));
        await Assert.ThrowsAsync<ArgumentException>(async () => await home.Log.ListAsync(query with { PageToken = "nonsense!" }));
    }

    [Fact]
    public async Task List_OfASession_SaysWhetherItRunsWaitsForAPersonOrForItsTurn()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request());
        Assert.Equal(SessionActivity.Queued, await StateAsync());
        var lease = (await home.Queue.ClaimAsync("w"))!.Lease;
        Assert.Equal(SessionActivity.Running, await StateAsync());
        await home.Queue.EnqueueAsync(Make.Request("m2"));
        var question = Make.Question(lease, 0, home.Now + Hour);
        await home.Queue.ParkAsync(Make.Park(lease, 1, Make.Started(), question));
        Assert.Equal(SessionActivity.Waiting, await StateAsync());

        await home.RestartAsync();
        Assert.Equal(SessionActivity.Waiting, await StateAsync());
        await home.Queue.AnswerAsync(Make.Answer(lease, question));
        Assert.Equal(SessionActivity.Running, await StateAsync());
        var next = (await home.Queue.ClaimAsync("w"))!.Lease;
        Assert.Equal(lease.RunId, next.RunId);
        await home.Queue.FinishAsync(Make.Append(next, 1), Make.Finished());
        Assert.Equal(SessionActivity.Queued, await StateAsync());
        await home.Queue.CancelAsync(Session, null, "client");
        Assert.Equal(SessionActivity.Idle, await StateAsync());

        async Task<SessionActivity> StateAsync()
        {
            var session = Assert.Single((await home.Log.ListAsync(new SessionQuery { Owner = PrincipalId.Anonymous })).Sessions);
            Assert.Equal(session.Busy, session.State != SessionActivity.Idle);
            return session.State;
        }
    }

    [Theory]
    [InlineData("Cafe\u0301 in Paris", "CAF\u00C9")]
    [InlineData("Caf\u00E9 in Paris", "cafe\u0301")]
    [InlineData("\u1112\u1161\u11AB\u1100\u1173\u11AF \u1106\u116E\u11AB\u1109\u1165", "\uD55C\uAE00")]
    [InlineData("\uFF21\uFF30\uFF29 \uFF11\uFF12", "api 12")]
    [InlineData("Of\uFB01ce hours", "office")]
    [InlineData("STRASSE", "stra\u00DFe")]
    [InlineData("\u039F\u0394\u039F\u03A3", "\u03BF\u03B4\u03BF\u03C2")]
    [InlineData("\uFF76\uFF9E\uFF72\uFF84\uFF9E", "\u30AC\u30A4\u30C9")]
    public async Task List_SearchedForATitle_FindsWhatIsCanonicallyOrCompatiblyTheSame(string title, string search)
    {
        await using var home = await OpenAsync();
        foreach (var (session, message) in new[] { ("found", title), ("other", "Something else") })
        {
            await home.Queue.EnqueueAsync(Make.Request("m1", SessionId.Parse(session), message: message));
            await home.Queue.CancelAsync(SessionId.Parse(session), null, "client");
        }

        var query = new SessionQuery { Owner = PrincipalId.Anonymous, Limit = 5, Search = search };
        Assert.Equal(["found"], (await home.Log.ListAsync(query)).Sessions.Select(found => found.SessionId.Value));

        // From the index on disk, too, where the home has one.
        await home.AdvanceAsync(TimeSpan.FromMinutes(10));
        await home.RetainAsync();
        await home.RestartAsync();
        var again = (await home.Log.ListAsync(query)).Sessions;
        Assert.Equal(["found"], again.Select(found => found.SessionId.Value));
        Assert.Equal(title, again[0].Title);
    }

    [Fact]
    public async Task List_SessionsThatNobodyUsesAnyMore_IsTheSamePageByPage()
    {
        await using var home = await OpenAsync();
        for (var i = 0; i < 7; i++)
        {
            var session = SessionId.Parse($"s{i}");
            await home.Queue.EnqueueAsync(Make.Request("m1", session, message: $"Gespräch {i}"));
            await home.Queue.CancelAsync(session, null, "client");
            await home.AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        var query = new SessionQuery { Owner = PrincipalId.Anonymous, Limit = 3 };
        var before = await ListAllAsync(home, query);
        await home.AdvanceAsync(TimeSpan.FromMinutes(10));
        await home.RetainAsync();
        Assert.Equal(before, await ListAllAsync(home, query));

        // One comes back between two pages: it is at the front, and nothing that did not change is skipped or repeated.
        var first = await home.Log.ListAsync(query);
        await home.Queue.EnqueueAsync(Make.Request("m2", SessionId.Parse("s1")));
        var rest = await ListAllAsync(home, query with { PageToken = first.Next });
        Assert.Equal(["s6", "s5", "s4"], first.Sessions.Select(session => session.SessionId.Value));
        Assert.Equal(["s3", "s2", "s0"], rest.Select(session => session.SessionId.Value));
        Assert.Equal((true, 2), (await home.Log.ListAsync(query)).Sessions[0] is var newest ? (newest.Busy, newest.Messages) : default);
        Assert.Equal(["s4"], (await ListAllAsync(home, query with { Search = "GESPRÄCH 4" })).Select(session => session.SessionId.Value));

        await home.RestartAsync();
        Assert.Equal(7, (await ListAllAsync(home, query)).Count);
        Assert.True(await home.Log.EraseAsync(SessionId.Parse("s3")));
        Assert.DoesNotContain(await ListAllAsync(home, query), session => session.SessionId == SessionId.Parse("s3"));

        static async Task<List<SessionSummary>> ListAllAsync(StoreHome home, SessionQuery query)
        {
            var all = new List<SessionSummary>();
            for (var next = query; next is not null;)
            {
                var page = await home.Log.ListAsync(next);
                all.AddRange(page.Sessions);
                next = page.Next is null ? null : next with { PageToken = page.Next };
            }

            return all;
        }
    }

    [Fact]
    public async Task Rename_OfNoSession_IsFalse()
    {
        await using var home = await OpenAsync();

        Assert.False(await home.Log.RenameAsync(Session, "x"));
    }
}
