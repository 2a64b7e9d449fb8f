using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentStream.Api.Delivery;
using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Api.Support;
using AgentStream.Tests.Support;
using AgentStream.Tests.Web;
using ApiWire = AgentStream.Api.Delivery.Wire;

namespace AgentStream.Tests.Api.Connections.Strict;

/// <summary>What the server writes by itself, as a parser of others reads it.</summary>
public sealed class StrictClientTests
{
    // Where the form of the length changes.
    private static readonly int[] Edges = [0, 1, 124, 125, 126, 127, 128, 65_534, 65_535, 65_536, 65_537, 300_000];

    [NodeTheory]
    [InlineData(1)]
    [InlineData(20_261_130)]
    public async Task Frames_OfAnyLengthCutAnywhere_AreReadAsTheyWereMeant(int seed)
    {
        var random = new Random(seed);
        List<string> texts =
        [
            .. Edges.Select(length => Text(random, length)),
            .. Enumerable.Range(0, 500).Select(_ => Text(random, random.Next(2_000))),
        ];
        var bytes = texts.SelectMany(text => ApiWire.WebSocket.Encode(new OutgoingFrame("x", Encoding.UTF8.GetBytes(text)))).ToArray();

        var read = await StrictNode.RunAsync("parse.mjs", bytes);

        Assert.DoesNotContain(read, line => line.TryGetProperty("error", out _));
        Assert.Equal(texts, read.Select(line => line.Text("text")));
        Assert.All(read, line => Assert.False(line.GetProperty("isBinary").GetBoolean()));
    }

    [NodeTheory]
    [InlineData("run_finished", 1000, "agentstream.v1")]
    [InlineData("run_finished", 1000, "agentstream.v2")]
    [InlineData("nothing", 1001, "agentstream.v1")]
    public async Task Client_ThatPingsAllTheTime_GetsEveryEntryAndTheCloseThatWasMeant(string lastType, int close, string subProtocol)
    {
        await using var host = await ApiHost.StartAsync();
        await host.PostAsync("s1", "Größe 😀");
        var run = await host.ClaimAsync();
        await run.StartAsync();
        await run.DeltasAsync(run.NewStep(), "before ", "it came");
        var client = StrictNode.RunAsync(
            "client.mjs", default, $"ws://{host.Address.Authority}/ws/chat/s1?after=0", lastType, subProtocol);
        await host.UntilConnectedAsync();
        for (var round = 0; round < 30; round++)
        {
            await run.DeltasAsync(run.NewStep(), [.. Enumerable.Range(0, 20).Select(number => new string('ü', 3 * number * round))]);
            await run.AppendAsync(ScriptedRun.Step(run.NewStep(), StepType.Thought, new string('x', 10_000 * (round % 8))));
        }

        await run.FinishAsync();
        if (close == 1001)
        {
            await host.StopAsync();
        }

        var seen = await client;
        Assert.DoesNotContain(seen, line => line.TryGetProperty("error", out _));
        Assert.Equal(subProtocol, seen[0].Text("open"));
        Assert.Empty(seen[0].Text("extensions")!);
        var shortFrames = new ShortFrames();
        var frames = seen.Where(line => line.TryGetProperty("frame", out _))
            .Select(line => shortFrames.Read(JsonElement.Parse(line.Text("frame")!)))
            .ToList();
        Assert.Equal("connected", frames[0].Type());
        var last = Frames.AssertContiguous(frames, 0);
        Assert.True(last == 4 + (30 * 21) + 1 || close == 1001, $"ended after {last}");
        Assert.Equal(close, seen[^1].Number("close"));
        var pongs = seen.Where(line => line.TryGetProperty("pong", out _)).Select(line => line.Text("pong")).ToList();
        Assert.NotEmpty(pongs);
        Assert.Equal(Enumerable.Range(0, pongs.Count).Select(number => number.ToString(CultureInfo.InvariantCulture)), pongs);
    }

    private static string Text(Random random, int bytes)
    {
        var text = new StringBuilder();
        for (var left = bytes; left > 0;)
        {
            var next = random.Next(4) switch { 0 when left >= 4 => "😀", 1 when left >= 3 => "€", 2 when left >= 2 => "ü", _ => "a" };
            text.Append(next);
            left -= Encoding.UTF8.GetByteCount(next);
        }

        return text.ToString();
    }
}
