using AgentStream.Client;

namespace AgentStream.Tests.Client;

/// <summary>A connection finds out that it is of no use, and comes back.</summary>
public sealed class ConnectionTests
{
    [Fact]
    public async Task Peer_ThatIsSilent_IsAskedAndThenLeft()
    {
        await using var home = new ClientHome(options => options.Silence = TimeSpan.FromSeconds(40));
        var reading = home.ReadAsync(home.Client.Session("s").FollowAsync(), happened => happened is ConnectionLost);
        var connection = await home.Server.OpenAsync(Say.Connected(), Say.Snapshot());

        var ping = await home.UntilAsync(connection.HearAsync(), TimeSpan.FromSeconds(2));
        Assert.Equal("""{"type":"ping","payload":{}}""", ping!.Value.GetRawText());

        Assert.IsType<ConnectionLost>((await home.UntilAsync(reading, TimeSpan.FromHours(1)))[^1]);
    }

    [Fact]
    public async Task Peer_ThatAnswersTheQuestion_IsKept()
    {
        await using var home = new ClientHome(options => options.Silence = TimeSpan.FromSeconds(40));
        var reading = home.ReadAsync(home.Client.Session("s").FollowAsync(), happened => happened is StepDelta { Delta: "there" });
        var connection = await home.Server.OpenAsync(Say.Connected(), Say.Snapshot());
        for (var i = 0; i < 3; i++)
        {
            await home.UntilAsync(connection.HearAsync(), TimeSpan.FromSeconds(2));
            await connection.SayAsync("""{"type":"pong","data":{}}""");
            await connection.SayAsync(Say.Delta(i + 1, "still"));
        }

        await connection.SayAsync(Say.Delta(4, "there"));
        Assert.DoesNotContain(await reading, happened => happened is ConnectionLost);
    }

    [Fact]
    public async Task Heartbeat_OfALogThatIsAheadForLong_ComesBackWithTheCursor()
    {
        await using var home = new ClientHome();
        var reading = home.ReadAsync(home.Client.Session("s").FollowAsync(), happened => happened is RunFinished);
        var connection = await home.Server.OpenAsync(Say.Connected(), Say.Snapshot(3), Say.Heartbeat(4));
        var second = await home.UntilAsync(
            home.Server.OpenAsync(Say.Connected(4, resumed: true), Say.Finished(4)), TimeSpan.FromSeconds(1));

        Assert.StartsWith("GET /ws/chat/s?after=3&epoch=e1 ", second.Request, StringComparison.Ordinal);
        Assert.Single((await reading).OfType<RunFinished>());
    }

    [Fact]
    public async Task Gap_InTheLog_ComesBackWithTheCursor_AndThenWithNone()
    {
        await using var home = new ClientHome();
        var reading = home.ReadAsync(home.Client.Session("s").FollowAsync(), happened => happened is RunFinished);
        await home.Server.OpenAsync(Say.Connected(), Say.Snapshot(3), Say.Delta(5, "far"));
        var second = await home.Server.OpenAsync(Say.Connected(5, resumed: true), Say.Delta(5, "far"));
        var third = await home.Server.OpenAsync(Say.Connected(5), Say.Snapshot(5), Say.Finished(6));

        Assert.StartsWith("GET /ws/chat/s?after=3&epoch=e1 ", second.Request, StringComparison.Ordinal);
        Assert.StartsWith("GET /ws/chat/s ", third.Request, StringComparison.Ordinal);
        Assert.Empty((await reading).OfType<StepDelta>());
    }

    [Fact]
    public async Task Token_Refused_IsAskedForOnceMore()
    {
        List<string?> refused = [];
        await using var home = new ClientHome(options => options.AccessToken = (request, _) =>
        {
            refused.Add(request.Refused);
            return ValueTask.FromResult<string?>(request.Refused is null ? "old" : "new");
        });
        var reading = home.ReadAsync(home.Client.Session("s").FollowAsync(), happened => happened is SnapshotReceived);
        var first = await home.Server.NextAsync();
        Assert.Equal("Bearer old", first.Header("Authorization"));
        await first.AnswerAsync(401);
        var second = await home.Server.OpenAsync(Say.Connected(), Say.Snapshot());
        Assert.Equal("Bearer new", second.Header("Authorization"));
        await reading;

        Assert.Equal([null, "old"], refused);
    }

    [Fact]
    public async Task Token_RefusedTwice_EndsWithTheServersWords()
    {
        await using var home = new ClientHome(
            options => options.AccessToken = (request, _) => ValueTask.FromResult<string?>(request.Refused is null ? "old" : "new"));
        var reading = home.ReadAsync(home.Client.Session("s").FollowAsync());
        await (await home.Server.NextAsync()).AnswerAsync(401);
        await (await home.Server.NextAsync()).AnswerAsync(401);

        // The socket has no words: they are asked for.
        foreach (var token in (string[])["Bearer old", "Bearer new"])
        {
            var words = await home.Server.NextAsync();
            Assert.Equal(token, words.Header("Authorization"));
            await words.AnswerAsync(
                401, """{"type":"urn:agentstream:error:unauthenticated","status":401,"detail":"Nobody knows you."}""");
        }

        var exception = await Assert.ThrowsAsync<AgentStreamException>(() => reading);
        Assert.Equal(("unauthenticated", "Nobody knows you."), (exception.Code, exception.Message));
    }

    [Fact]
    public async Task Token_ThatExpiresMeanwhile_IsAskedForAndReadingGoesOn()
    {
        List<string?> refused = [];
        await using var home = new ClientHome(options => options.AccessToken = (request, _) =>
        {
            refused.Add(request.Refused);
            return ValueTask.FromResult<string?>($"t{refused.Count}");
        });
        var reading = home.ReadAsync(home.Client.Session("s").FollowAsync(), happened => happened is RunFinished);
        var first = await home.Server.OpenAsync(Say.Connected(), Say.Snapshot(3));
        await first.CloseAsync(4401, "expired");
        var second = await home.Server.OpenAsync(Say.Connected(4, resumed: true), Say.Finished(4));
        Assert.Equal("Bearer t2", second.Header("Authorization"));
        await reading;

        Assert.Equal([null, "t1"], refused);
    }

    [Fact]
    public async Task Close4401_WithNobodyToAskForAToken_Ends()
    {
        await using var home = new ClientHome();
        var reading = home.ReadAsync(home.Client.Session("s").FollowAsync());
        await (await home.Server.OpenAsync(Say.Connected(), Say.Snapshot())).CloseAsync(4401, "expired");

        Assert.Equal("unauthenticated", (await Assert.ThrowsAsync<AgentStreamException>(() => reading)).Code);
    }

    [Fact]
    public async Task Server_ThatIsBusy_IsLeftAloneForAsLongAsItAsks()
    {
        await using var home = new ClientHome();
        var reading = home.ReadAsync(home.Client.Session("s").FollowAsync(), happened => happened is SnapshotReceived);
        await (await home.Server.NextAsync()).AnswerAsync(503, more: "Retry-After: 9\r\n");
        await home.Server.OpenAsync(Say.Connected(), Say.Snapshot());

        Assert.Equal(TimeSpan.FromSeconds(9), (await reading).OfType<ConnectionLost>().Single().Pause);
    }

    [Fact]
    public async Task Server_ThatIsNotThereForLong_IsGivenUp()
    {
        await using var home = new ClientHome(options => options.GiveUpAfter = TimeSpan.FromSeconds(30));
        var address = home.Server.Address;
        await home.Server.DisposeAsync();

        var exception = await Assert.ThrowsAsync<AgentStreamException>(() => home.ReadAsync(Endless(home)));

        Assert.Equal(AgentStreamException.Unreachable, exception.Code);
        Assert.Contains(address.Authority, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reading_LeftAndBegunAgain_GoesOnFromTheCursor()
    {
        await using var home = new ClientHome();
        await using var connection = home.Client.Session("s").Connect(new Cursor("e1", 4));
        var reading = home.ReadAsync(connection.ReadAllAsync(), happened => happened is StepDelta);
        var first = await home.Server.OpenAsync(Say.Connected(5, resumed: true), Say.Delta(5, "a"));
        Assert.StartsWith("GET /ws/chat/s?after=4&epoch=e1 ", first.Request, StringComparison.Ordinal);
        await reading;
        Assert.Equal("e1:5", connection.Cursor?.ToString());

        reading = home.ReadAsync(connection.ReadAllAsync(), happened => happened is RunFinished);
        var second = await home.Server.OpenAsync(Say.Connected(6, resumed: true), Say.Finished(6));

        Assert.StartsWith("GET /ws/chat/s?after=5&epoch=e1 ", second.Request, StringComparison.Ordinal);
        Assert.Equal(1, (await reading).OfType<ConnectionOpened>().Single().Missed);
    }

    [Fact]
    public async Task Reading_ByTwo_IsRefused()
    {
        await using var home = new ClientHome();
        await using var connection = home.Client.Session("s").Connect();
        var reading = home.ReadAsync(connection.ReadAllAsync(), happened => happened is SnapshotReceived);

        await Assert.ThrowsAsync<InvalidOperationException>(() => home.ReadAsync(connection.ReadAllAsync()));

        await home.Server.OpenAsync(Say.Connected(), Say.Snapshot());
        await reading;
    }

    [Fact]
    public async Task Reading_Cancelled_EndsAndSaysGoodbye()
    {
        await using var home = new ClientHome();
        using var cancellation = new CancellationTokenSource();
        var reading = Task.Run(async () =>
        {
            await foreach (var happened in home.Client.Session("s").FollowAsync(cancellationToken: cancellation.Token))
            {
                if (happened is SnapshotReceived)
                {
                    await cancellation.CancelAsync();
                }
            }
        });
        var connection = await home.Server.OpenAsync(Say.Connected(), Say.Snapshot());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        Assert.Null(await connection.HearAsync());
    }

    [Fact]
    public void Backoff_Attempts_WaitLongerUpToALimit()
    {
        Assert.True(AgentStream.Client.Connections.Backoff.Pause(3, 1) > AgentStream.Client.Connections.Backoff.Pause(2, 1));
        Assert.Equal(TimeSpan.FromSeconds(12), AgentStream.Client.Connections.Backoff.Pause(1000, 1));
        Assert.True(AgentStream.Client.Connections.Backoff.Pause(1, 0) > TimeSpan.Zero);
    }

    // Each pause is longer in the end than the clock of the test has moved.
    private static async IAsyncEnumerable<AgentEvent> Endless(ClientHome home)
    {
        await foreach (var happened in home.Client.Session("s").FollowAsync())
        {
            home.Time.Advance(TimeSpan.FromSeconds(1));
            yield return happened;
        }
    }
}
