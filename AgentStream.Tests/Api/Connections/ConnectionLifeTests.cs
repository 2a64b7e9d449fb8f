using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using AgentStream.Api.Delivery;
using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Access.Abuse;
using AgentStream.Tests.Api.Support;
using AgentStream.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AgentStream.Tests.Api.Connections;

/// <summary>What ends a connection, what keeps it, and what a slow one costs.</summary>
public sealed class ConnectionLifeTests
{
    private const string Settings = "AgentStream:Api:";

    [Fact]
    public async Task Shutdown_ClosesWith1001AndDoesNotWaitForTheTimeout()
    {
        await using var host = await ApiHost.StartAsync();
        await using var client = await host.ConnectAsync("/ws/chat/s1");
        await client.UntilAsync("snapshot");

        var stopping = host.StopAsync();
        Assert.Equal(1001, await client.UntilClosedAsync());
        await stopping.WaitAsync(ApiHost.Patience);
    }

    [Fact]
    public async Task Shutdown_UnderAClientThatDoesNotAnswer_EndsByTheFarewellTimeout()
    {
        await using var host = await ApiHost.StartAsync(new() { [Settings + "FarewellTimeout"] = "00:00:00.2" });
        await using var client = await host.ConnectAsync("/ws/chat/s1");
        await client.UntilAsync("snapshot");

        await host.StopAsync().WaitAsync(TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task Heartbeat_AfterItsInterval_SaysHowFarTheLogIs()
    {
        var time = new FakeTimeProvider();
        await using var host = await ApiHost.StartAsync(time: time);
        await using var first = await host.ConnectAsync("/ws/chat/s1");
        await first.UntilAsync("snapshot");
        await host.PostAsync("s1", "hello");
        await first.NextAsync("run_queued");

        time.Advance(TimeSpan.FromSeconds(29));
        await first.SendAsync("""{"type":"ping"}""");
        await first.NextAsync("pong");
        time.Advance(TimeSpan.FromSeconds(1));

        var heartbeat = (await first.NextAsync("heartbeat")).Data();
        Assert.Equal(1, heartbeat.Number("last_seq"));
        Assert.NotEmpty(heartbeat.Text("epoch")!);
        Assert.Equal(time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0, heartbeat.GetProperty("timestamp").GetDouble());
    }

    [Fact]
    public async Task TooManyBadFramesInARow_CloseWith4408()
    {
        await using var host = await ApiHost.StartAsync(new() { [Settings + "MaxBadFrames"] = "5" });
        await using var client = await host.ConnectAsync("/ws/chat/s1");
        await client.UntilAsync("snapshot");
        for (var round = 0; round < 4; round++)
        {
            await client.SendAsync("bad");
            await client.NextAsync("error");
        }

        await client.SendAsync("""{"type":"ping"}""");
        await client.NextAsync("pong");
        for (var round = 0; round < 5; round++)
        {
            await client.SendAsync("bad");
            await client.NextAsync("error");
        }

        Assert.Equal(4408, await client.UntilClosedAsync());
    }

    [Fact]
    public async Task FramesOfUnknownTypes_AreToldAndCountForNothing()
    {
        await using var host = await ApiHost.StartAsync(new() { [Settings + "MaxBadFrames"] = "2" });
        await using var client = await host.ConnectAsync("/ws/chat/s1");
        await client.UntilAsync("snapshot");
        await client.SendAsync("bad");
        await client.NextAsync("error");
        for (var round = 0; round < 5; round++)
        {
            await client.SendAsync("""{"type":"typing"}""");
            Assert.Equal("unknown_type", (await client.NextAsync("error")).Data().Text("code"));
        }

        await client.SendAsync("bad");
        await client.NextAsync("error");
        Assert.Equal(4408, await client.UntilClosedAsync());
    }

    [Fact]
    public async Task MoreFramesThanAllowed_CloseWith4429()
    {
        await using var host = await ApiHost.StartAsync(new() { [Settings + "MaxFramesPerSecond"] = "1" }, new FakeTimeProvider());
        await using var client = await host.ConnectAsync("/ws/chat/s1");
        for (var round = 0; round < 11; round++)
        {
            await client.SendAsync("""{"type":"ping"}""");
        }

        Assert.Equal(4429, await client.UntilClosedAsync());
    }

    [Fact]
    public async Task MoreConnectionsThanAllowed_AreToldToComeBack()
    {
        await using var host = await ApiHost.StartAsync(new() { [Settings + "MaxConnections"] = "1" });
        await using (var client = await host.ConnectAsync("/ws/chat/s1"))
        {
            await client.NextAsync("connected");
            using var refused = await host.Http.GetAsync("/api/sessions/s1/events");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
            await Problems.AssertAsync(refused, "too_many_connections");
            host.Http.DefaultRequestHeaders.Accept.ParseAdd("text/event-stream");
            await using var stream = await EventStream.OpenAsync(host, "/api/sessions/s1/events");
            await stream.NextAsync("status");
            Assert.NotNull(stream.Retry);
            Assert.Null(await stream.NextAsync());
        }
    }

    [Theory]
    [InlineData(3, WebSocketMessageType.Binary)]
    [InlineData((1 << 20) + (64 << 10), WebSocketMessageType.Text)]
    public async Task FrameThatNobodyWants_OnceItsClientHasClosed_LeavesNoConnectionBehind(int length, WebSocketMessageType type)
    {
        // The clock stands still, so that nobody is given up: the connection ends because the close behind the frame is read.
        await using var host = await ApiHost.StartAsync(new() { [Settings + "MaxConnections"] = "1" }, new FakeTimeProvider());
        await using (var client = await host.ConnectAsync("/ws/chat/s1"))
        {
            await client.UntilAsync("snapshot");
            await client.SendAsync([.. Enumerable.Repeat((byte)' ', length)], type);
            await client.UntilClosedAsync();
        }

        using var patience = new CancellationTokenSource(ApiHost.Patience);
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/sessions/s1/events");
            using var answer = await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                break;
            }
        }
    }

    [Fact]
    public async Task SlowReader_GetsMergedDeltas_AndCostsOthersNothing()
    {
        await using var host = await ApiHost.StartAsync();
        await host.PostAsync("s1", "hello");
        var run = await host.ClaimAsync();
        await run.StartAsync();
        await using var slow = await host.ConnectAsync("/ws/chat/s1?after=2");
        await using var quick = await host.ConnectAsync("/ws/chat/s1?after=2");
        var reading = quick.UntilAsync("run_finished");

        await StuffAsync(run);
        var step = run.NewStep();
        await run.DeltasAsync(step, [.. Enumerable.Range(0, 200).Select(number => $"{number} ")]);
        await run.FinishAsync();

        // The quick one has it all before the slow one has taken anything.
        Frames.AssertContiguous(await reading, 2);
        var frames = await slow.UntilAsync("run_finished");
        Frames.AssertContiguous(frames, 2);
        var deltas = frames.Where(frame => frame.Type() == "step_delta").ToList();
        Assert.Contains(deltas, delta => delta.FirstSeq() < delta.Number("seq"));
        Assert.Equal(
            string.Concat(Enumerable.Range(0, 200).Select(number => $"{number} ")),
            string.Concat(deltas.Select(delta => delta.Data().Text("delta"))));
    }

    [Fact]
    public async Task SlowReader_TooFarBehind_GetsASnapshotAndGoesOn()
    {
        await using var host = await ApiHost.StartAsync(new() { [Settings + "MaxBehind"] = "50" });
        await host.PostAsync("s1", "hello");
        var run = await host.ClaimAsync();
        await run.StartAsync();
        await using var slow = await host.ConnectAsync("/ws/chat/s1?after=2");

        await StuffAsync(run);
        await run.DeltasAsync(run.NewStep(), [.. Enumerable.Range(0, 100).Select(number => $"{number} ")]);

        var frames = await slow.UntilAsync("resync");
        var resync = frames[^1].Data();
        Assert.Equal("too_slow", resync.Text("reason"));
        Frames.AssertContiguous(frames, 2);
        await run.FinishAsync();
        Frames.AssertContiguous(await slow.UntilAsync("run_finished"), resync.Number("last_seq"));
    }

    [Fact]
    public async Task ReaderThatTakesNothing_IsCutWhenTheSendTimeoutIsOver()
    {
        var time = new FakeTimeProvider();
        using var cut = new CountedMetric("agentstream.clients.slow");
        await using var host = await ApiHost.StartAsync(time: time);
        await host.PostAsync("s1", "hello");
        var run = await host.ClaimAsync();
        await run.StartAsync();
        await using var slow = await host.ConnectAsync("/ws/chat/s1?after=2");
        await slow.NextAsync("connected");
        await StuffAsync(run);

        await host.EmptyAsync(() => time.Advance(TimeSpan.FromSeconds(31)));

        await Assert.ThrowsAnyAsync<WebSocketException>(() => slow.UntilAsync("run_finished"));
        Assert.True(cut.Total > 0);
    }

    [Theory]
    [InlineData(new byte[] { 0x81, 0xFE, 0x10, 0x00, 1, 2, 3, 4, 5 })]
    [InlineData(new byte[] { 0x01, 0x81, 0, 0, 0, 0, (byte)'{', 0x89, 0x80, 0, 0, 0, 0 })]
    public async Task Message_ThatIsNeverWhole_IsCutWhenItsTimeIsOver(byte[] begun)
    {
        var time = new FakeTimeProvider();
        await using var host = await ApiHost.StartAsync(time: time);
        await using var other = await host.ConnectAsync("/ws/chat/s1");
        await other.UntilAsync("snapshot");
        using var slow = await RawConnection.UpgradeAsync(host.Address, "/ws/chat/s1");
        await slow.SendAsync(begun);
        var connections = host.Services.GetRequiredService<ConnectionRegistry>();
        while (!connections.All.Any(connection => connection.ReceivingFor > TimeSpan.Zero))
        {
            time.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }

        time.Advance(TimeSpan.FromMinutes(2));

        await slow.ReadToEndAsync();
        await other.SendAsync("""{"type":"ping"}""");
        await other.UntilAsync("pong");
    }

    [Fact]
    public async Task Accepted_Connections_AreProbedByTheSystem()
    {
        await using var host = await ApiHost.StartAsync(
            new()
            {
                [Settings + "KeepAliveInterval"] = "00:00:07",
                [Settings + "KeepAliveTimeout"] = "00:00:09",
                [Settings + "SendTimeout"] = "00:00:05",
            },
            map: app => app.MapGet(
                "/probes", context => context.Response.WriteAsync(ProbesOf(context.Features.Get<IConnectionSocketFeature>()!.Socket))));

        Assert.Equal($"True 7 3 3 {(OperatingSystem.IsLinux() ? 16_000 : 0)}", await host.Http.GetStringAsync("/probes"));

        static string ProbesOf(Socket socket)
        {
            var patience = new byte[sizeof(int)];
            _ = OperatingSystem.IsLinux() ? socket.GetRawSocketOption(6, 18, patience) : 0;
            return string.Join(
                ' ',
                (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)! != 0,
                socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime),
                socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval),
                socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount),
                BitConverter.ToInt32(patience));
        }
    }

    [Fact]
    public async Task Resume_FartherBehindThanAllowed_IsAResync()
    {
        await using var host = await ApiHost.StartAsync(new() { [Settings + "MaxBehind"] = "3" });
        await host.PostAsync("s1", "hello");
        var run = await host.ClaimAsync();
        await run.CompleteAsync("hi");

        await using var client = await host.ConnectAsync("/ws/chat/s1?after=0");
        Assert.False((await client.NextAsync("connected")).Data().GetProperty("resumed").GetBoolean());
        Assert.Equal("too_slow", (await client.NextAsync("resync")).Data().Text("reason"));
    }

    // More than all buffers between server and client can hold, so that whoever does not read stands still.
    private static async Task StuffAsync(ScriptedRun run)
    {
        var large = new string('x', 400_000);
        for (var count = 0; count < 40; count++)
        {
            await run.AppendAsync(ScriptedRun.Step(run.NewStep(), StepType.Thought, large));
        }
    }
}
