using AgentStream.Access;
using AgentStream.Api;
using AgentStream.Api.Delivery;
using AgentStream.Api.Telemetry;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Telemetry;
using AgentStream.Tests.Api.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ApiWire = AgentStream.Api.Delivery.Wire;

namespace AgentStream.Tests.Api.Delivery;

/// <summary>What the clients of one session share: reads, snapshots, bytes; and what a client costs while it keeps up.</summary>
public sealed class SessionBroadcastTests : IAsyncDisposable
{
    private static readonly SessionId Session = SessionId.Parse("s1");
    private readonly PushedLog _log = new();
    private readonly FakeTimeProvider _time = new();
    private readonly SessionBroadcasts _sessions;
    private readonly List<ClientInMemory> _clients = [];

    public SessionBroadcastTests() => _sessions = new SessionBroadcasts(
        _log, Options.Create(new ApiOptions()), new FirstDeliveries(new StoreSystem("test", "test")), _time,
        NullLogger<SessionBroadcast>.Instance);

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        await _sessions.StopAsync();
    }

    [Fact]
    public async Task ClientsThatComeBackTogether_AreAnsweredWithAHandfulOfReads()
    {
        _log.Push([.. Enumerable.Range(0, 5_000).Select(number => Delta($"{number} "))]);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _log.Gate = gate.Task;

        var opening = Enumerable.Range(0, 300).Select(number => OpenAsync((number % 3) switch
        {
            0 => null,
            1 => new Cursor(null, Offset.Start),
            _ => new Cursor(_log.Epoch, new Offset(number * 10)),
        })).ToList();
        gate.SetResult();
        var clients = await Task.WhenAll(opening).WaitAsync(ApiHost.Patience);
        _log.Push(Delta("the end"));

        foreach (var client in clients)
        {
            await client.UntilAsync(5_001);
        }

        Assert.All(clients.Where(client => client.From is not null), client => Assert.Equal(
            string.Concat(Enumerable.Range((int)client.From!.Value.After.Value, 5_000 - (int)client.From.Value.After.Value)
                .Select(number => $"{number} ")) + "the end",
            client.Text()));
        Assert.InRange(_log.Reads + _log.Snapshots, 1, 5);
        Assert.InRange(_log.Heads, 1, 4);
        Assert.Equal(1, _log.Follows);
    }

    [Fact]
    public async Task ClientThatComesBackToWhatIsInMemory_IsNotAskedForAtTheStore()
    {
        var first = await OpenAsync(new Cursor(null, Offset.Start));
        _log.Push(Delta("a"), Delta("b"), Delta("c"));
        await first.UntilAsync(3);
        var (heads, reads) = (_log.Heads, _log.Reads);

        var second = await OpenAsync(new Cursor(_log.Epoch, new Offset(1)));
        await second.UntilAsync(3);

        Assert.Equal("bc", second.Text());
        Assert.Equal((heads, reads), (_log.Heads, _log.Reads));
    }

    [Fact]
    public async Task BusyClient_GetsWhatHasGathered_InOneWrite_AndThoseAtOnePlaceTheSameBytes()
    {
        var clients = new[] { await OpenAsync(new Cursor(null, Offset.Start)), await OpenAsync(new Cursor(null, Offset.Start)) };
        var quick = await OpenAsync(new Cursor(null, Offset.Start));
        foreach (var client in clients)
        {
            client.Hold();
        }

        for (var number = 0; number < 50; number++)
        {
            _log.Push(Delta($"{number} "));
            await quick.UntilAsync(number + 1);
        }

        foreach (var client in clients)
        {
            client.Release();
            await client.UntilAsync(50);
            Assert.Equal(quick.Text(), client.Text());

            // What it had begun with, and one write with all the rest.
            Assert.Equal(3, client.Writes.Count);
        }

        Assert.True(clients[0].Writes.Last().Equals(clients[1].Writes.Last()), "the bytes were made twice");
    }

    [Fact]
    public async Task ClientsThatKeepUp_CostNoAllocationForAFrame()
    {
        var clients = await Task.WhenAll(
            Enumerable.Range(0, 1_000).Select(_ => OpenAsync(new Cursor(null, Offset.Start), isKept: false)));
        for (var entry = 1; entry <= 100; entry++)
        {
            _log.Push(Delta("x"));
            await Task.WhenAll(clients.Select(client => client.UntilAsync(entry)));

            // From the first client's write to the last one's, in the one thread that brought it to all of them.
            if (entry > 10 && clients.Select(client => client.Wrote.Thread).Distinct().Count() == 1)
            {
                Assert.Equal(0, clients.Max(client => client.Wrote.Allocated) - clients.Min(client => client.Wrote.Allocated));
                return;
            }
        }

        Assert.Fail("No entry was brought to all clients by one thread.");
    }

    [Fact]
    public async Task LogThatGoesOnInAnotherEpoch_NamesItBeforeItsEntries_AndRepeatsNone()
    {
        var client = await OpenAsync(new Cursor(null, Offset.Start));
        _log.Push(Delta("a"), Delta("b"));
        await client.UntilAsync(2);

        (_log.Former, _log.Epoch) = ([new FormerEpoch(_log.Epoch, new Offset(2))], Epoch.Parse("e2"));
        _log.Push(Delta("c"));
        await client.UntilAsync(3);

        Assert.Equal("abc", client.Text());
        var connected = client.Frames().Where(frame => frame.Type() == "connected").ToList();
        Assert.Equal(["e1", "e2"], connected.Select(frame => frame.Data().Text("epoch")));
        Assert.True(connected[1].Data().GetProperty("resumed").GetBoolean());
        Assert.Equal("e2:3", client.Ids().Last());
    }

    [Fact]
    public async Task LogOfAnotherHistory_IsShownFromItsSnapshotOn()
    {
        var client = await OpenAsync(new Cursor(null, Offset.Start));
        _log.Push(Delta("a"), Delta("b"));
        await client.UntilAsync(2);

        _log.Epoch = Epoch.Parse("e2");
        _log.Push(Delta("c"));
        await client.UntilAsync(3);

        var resync = client.Frames().Single(frame => frame.Type() == "resync").Data();
        Assert.Equal(("epoch", "e2", 3), (resync.Text("reason"), resync.Text("epoch"), resync.Number("last_seq")));
        Assert.Equal("ab", client.Text());
    }

    [Fact]
    public async Task SessionThatSomebodyElseBegins_EndsItsReadersBeforeTheFirstEntry()
    {
        _log.Owner = null;
        var client = await OpenAsync(new Cursor(null, Offset.Start));
        _log.Owner = PrincipalId.Parse("somebody");
        _log.Push(Delta("secret"));

        Assert.Equal(Ending.Forbidden, await client.Ended.WaitAsync(ApiHost.Patience));
        Assert.Empty(client.Text());
        Assert.True((await _sessions.OpenAsync(Caller.Local, Session, null, default)).IsRefused(out _, out _));
    }

    [Fact]
    public async Task ClientsThatComeBackOneAfterTheOther_FindTheSessionFollowed()
    {
        _log.Push([.. Enumerable.Range(0, 5_000).Select(number => Delta($"{number} "))]);
        for (var number = 0; number < 50; number++)
        {
            var client = await OpenAsync((number % 3) switch
            {
                0 => null,
                1 => new Cursor(null, Offset.Start),
                _ => new Cursor(_log.Epoch, new Offset(number * 10)),
            });
            if (client.From is not null)
            {
                await client.UntilAsync(5_000);
            }

            await LeaveAsync(client);
            _sessions.LetGo();
        }

        Assert.Equal(1, _log.Follows);
        Assert.InRange(_log.Heads, 1, 4);
        Assert.InRange(_log.Reads + _log.Snapshots, 1, 5);
    }

    [Fact]
    public async Task LastClientThatLeaves_EndsTheFollowingAfterAWhile_AndTheNextBeginsAnew()
    {
        await LeaveAsync(await OpenAsync(null));
        _time.Advance(TimeSpan.FromSeconds(1.9));
        _sessions.LetGo();
        await LeaveAsync(await OpenAsync(null));
        Assert.Equal((1, 1), (_log.Follows, _log.Following));

        _time.Advance(TimeSpan.FromSeconds(1.9));
        _sessions.LetGo();
        Assert.Equal(1, _log.Following);

        _time.Advance(TimeSpan.FromSeconds(0.1));
        _sessions.LetGo();
        await LeaveAsync(await OpenAsync(null));
        Assert.Equal(2, _log.Follows);

        await _sessions.StopAsync();
        Assert.Equal(0, _log.Following);

        await LeaveAsync(await OpenAsync(null));
        Assert.Equal(0, _log.Following);
    }

    [Fact]
    public async Task FollowingThatFailed_IsNotJoined()
    {
        var first = await OpenAsync(new Cursor(null, Offset.Start));
        _log.Failure = new InvalidDataException("test");
        _log.Push(Delta("a"));
        Assert.Equal(Ending.Failed, await first.Ended.WaitAsync(ApiHost.Patience));
        await LeaveAsync(first);
        _log.Failure = null;

        var second = await OpenAsync(new Cursor(null, Offset.Start));
        await second.UntilAsync(1);
        Assert.Equal("a", second.Text());
    }

    private async Task LeaveAsync(ClientInMemory client)
    {
        await client.DisposeAsync();
        _clients.Remove(client);
    }

    private async Task<ClientInMemory> OpenAsync(Cursor? cursor, bool isKept = true)
    {
        Assert.False((await _sessions.OpenAsync(Caller.Local, Session, cursor, default)).IsRefused(out _, out var opening));
        var client = new ClientInMemory(opening!, ApiWire.EventStream, _time, isKept);
        lock (_clients)
        {
            _clients.Add(client);
        }

        await client.BeginAsync();
        return client;
    }

    private static StepDelta Delta(string text)
        => new() { StepId = StepId.Create(PushedLog.Run, 1, 1), StepType = DeltaType.Answer, Delta = text, Iteration = 1 };
}
