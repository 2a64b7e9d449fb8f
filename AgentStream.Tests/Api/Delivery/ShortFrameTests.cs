using System.Text.Json;
using AgentStream.Access;
using AgentStream.Api;
using AgentStream.Api.Delivery;
using AgentStream.Api.Telemetry;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Telemetry;
using AgentStream.Tests.Api.Support;
using AgentStream.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ApiWire = AgentStream.Api.Delivery.Wire;

namespace AgentStream.Tests.Api.Delivery;

/// <summary>Clients with short frames beside clients with whole ones: whatever happens, they have the same.</summary>
public sealed class ShortFrameTests
{
    private static readonly SessionId Session = SessionId.Parse("s1");
    private readonly PushedLog _log = new();
    private readonly FakeTimeProvider _time = new();
    private readonly SessionBroadcasts _sessions;

    public ShortFrameTests() => _sessions = new SessionBroadcasts(
        _log, Options.Create(new ApiOptions()), new FirstDeliveries(new StoreSystem("test", "test")), _time,
        NullLogger<SessionBroadcast>.Instance);

    [Fact]
    public async Task Deltas_OfOneStep_AreShortFromTheSecondOnEachConnectionOn()
    {
        var first = await OpenAsync(new Cursor(null, Offset.Start));
        _log.Push(Delta(1, "a"));
        await first.UntilAsync(1);
        _log.Push(Delta(1, "b"));
        await first.UntilAsync(2);
        var second = await OpenAsync(new Cursor(_log.Epoch, new Offset(2)));
        var third = await OpenAsync(null);
        await third.UntilAsync(2);
        _log.Push(Delta(1, "c"));
        await Task.WhenAll(first.UntilAsync(3), second.UntilAsync(3), third.UntilAsync(3));
        _log.Push(Delta(1, "d"), Delta(2, "e"), Delta(2, "f"), Step(2), Delta(2, "g"));
        await Task.WhenAll(first.UntilAsync(8), second.UntilAsync(8), third.UntilAsync(8));
        _log.Push(Delta(2, "h") with { Iteration = 2 });
        await Task.WhenAll(first.UntilAsync(9), second.UntilAsync(9), third.UntilAsync(9));

        const string Short = """{"seq":2,"timestamp":0,"delta":"b"}""";
        Assert.Equal(Short, Entries(first).ElementAt(1).GetRawText());
        Assert.Equal([1, 6, 7, 8, 9], Whole(first));
        Assert.Equal([3, 6, 7, 8, 9], Whole(second));
        Assert.Equal([3, 6, 7, 8, 9], Whole(third));
    }

    [Fact]
    public async Task Clients_OfBothForms_HaveTheSame_WhateverHappens()
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            var random = new Random(seed);
            await RunAsync([.. Enumerable.Range(0, 60).Select(_ => (random.Next(10), random.Next(40)))]);
        }
    }

    // 0 to 5: a delta of one of two steps, a large one at times; 6: a finished step;
    // 7: a client stops reading; 8: it reads on; 9: it comes back with its cursor.
    private async Task RunAsync((int What, int Size)[] steps)
    {
        var log = new PushedLog();
        var sessions = new SessionBroadcasts(
            log, Options.Create(new ApiOptions()), new FirstDeliveries(new StoreSystem("test", "test")), _time,
            NullLogger<SessionBroadcast>.Instance);
        var last = 0L;
        List<Reader> readers = [];
        foreach (var wire in new[] { ApiWire.WebSocket, ApiWire.ShortWebSocket, ApiWire.ShortWebSocket })
        {
            readers.Add(new Reader(await OpenAsync(sessions, wire, new Cursor(null, Offset.Start))));
        }

        foreach (var (what, size) in steps)
        {
            var reader = readers[size % readers.Count];
            switch (what)
            {
                case 7:
                    reader.Hold();
                    break;
                case 8:
                    reader.Release();
                    break;
                case 9:
                    await reader.ComeBackAsync(cursor => OpenAsync(sessions, reader.Wire, cursor), log.Epoch);
                    break;
                default:
                    log.Push(what switch
                    {
                        6 => Step(1),
                        5 => Delta(1, new string('ü', size * 1_000)),
                        _ => Delta(1 + (what % 2), $"{last} "),
                    });
                    last++;
                    await Task.WhenAll(readers.Where(reader => !reader.IsHeld).Select(reader => reader.UntilAsync(last)));
                    break;
            }
        }

        foreach (var reader in readers)
        {
            reader.Release();
            await reader.UntilAsync(last);
            Assert.Equal(last, Frames.AssertContiguous(reader.Entries(), 0));
            await reader.LeaveAsync();
        }

        Assert.Equal(readers[0].Texts(), readers[1].Texts());
        Assert.Equal(readers[0].Texts(), readers[2].Texts());
    }

    private Task<ClientInMemory> OpenAsync(Cursor? cursor) => OpenAsync(_sessions, ApiWire.ShortWebSocket, cursor);

    private async Task<ClientInMemory> OpenAsync(SessionBroadcasts sessions, ApiWire wire, Cursor? cursor)
    {
        Assert.False((await sessions.OpenAsync(Caller.Local, Session, cursor, default)).IsRefused(out _, out var opening));
        var client = new ClientInMemory(opening!, wire, _time);
        await client.BeginAsync();
        return client;
    }

    private static IEnumerable<JsonElement> Entries(ClientInMemory client) => client.Frames().Where(Frames.IsEntry);

    private static IEnumerable<int> Whole(ClientInMemory client)
        => Entries(client).Where(frame => frame.TryGetProperty("type", out _)).Select(frame => (int)frame.Number("seq"));

    private static StepDelta Delta(int step, string text)
        => new() { StepId = StepId.Create(PushedLog.Run, 1, step), StepType = DeltaType.Answer, Delta = text, Iteration = 1 };

    private static ReasoningStep Step(int step) => ScriptedRun.Step(StepId.Create(PushedLog.Run, 1, step), StepType.FinalAnswer, "x");

    /// <summary>One reader over all its connections.</summary>
    private sealed class Reader(ClientInMemory client)
    {
        private readonly List<JsonElement> _earlier = [];

        public ApiWire Wire { get; } = client.Wire;

        public bool IsHeld { get; private set; }

        public Task UntilAsync(long offset) => client.UntilAsync(offset);

        public void Hold()
        {
            if (!IsHeld)
            {
                client.Hold();
                IsHeld = true;
            }
        }

        public void Release()
        {
            if (IsHeld)
            {
                client.Release();
                IsHeld = false;
            }
        }

        public async Task ComeBackAsync(Func<Cursor?, Task<ClientInMemory>> open, Epoch epoch)
        {
            Release();
            await LeaveAsync();
            _earlier.AddRange(Now());
            client = await open(new Cursor(epoch, new Offset(_earlier.Count == 0 ? 0 : _earlier[^1].Number("seq"))));
        }

        public ValueTask LeaveAsync() => client.DisposeAsync();

        public List<JsonElement> Entries() => [.. _earlier, .. Now()];

        /// <summary>What each step said, in which order, however it was merged: the type with all that stands beside the text.</summary>
        public List<string> Texts()
        {
            List<(string About, string Text)> texts = [];
            foreach (var frame in Entries())
            {
                var data = frame.Data();
                var isDelta = frame.Type() == "step_delta";
                var about = isDelta
                    ? $"{frame.Text("run_id")} {data.Text("step_id")} {data.Text("step_type")} {data.Number("iteration")}"
                    : frame.GetRawText();
                var text = isDelta ? data.Text("delta")! : "";
                if (isDelta && texts is [.., var before] && before.About == about)
                {
                    texts[^1] = (about, before.Text + text);
                }
                else
                {
                    texts.Add((about, text));
                }
            }

            return [.. texts.Select(text => $"{text.About}: {text.Text}")];
        }

        private List<JsonElement> Now()
        {
            var shortFrames = new ShortFrames();
            return [.. client.Frames().Select(shortFrames.Read).Where(Frames.IsEntry)];
        }
    }
}
