using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Access.Abuse;

/// <summary>Sockets that never read, and floods, cost bounded memory and disturb nobody.</summary>
/// <remarks>Alone, because it measures the memory of the process.</remarks>
[Collection(nameof(SilentSocketTests))]
public sealed class SilentSocketTests
{
    private const int Sockets = 1_000;
    private const int ReceiveBuffer = 4 * 1024;
    private const int Steps = 100;
    private const int StepCharacters = 100_000;

    // What is on its way to one of them, and no more: a tenth of what it would hold if it were let.
    private const long Bound = Sockets * (1L << 20);

    [Fact]
    public async Task Sockets_ThatNeverRead_CostBoundedMemory_AndAReaderBesideThemGetsItAll()
    {
        await using var host = await ApiHost.StartAsync();
        await host.PostAsync("s1", "hello");
        var run = await host.ClaimAsync();
        await run.StartAsync();
        var silent = await Task.WhenAll(Enumerable.Range(0, Sockets).Select(_ => UpgradeAsync(host)));
        try
        {
            await using var reader = await host.ConnectAsync("/ws/chat/s1?after=2");
            var reading = reader.UntilAsync("run_finished");
            var before = GC.GetTotalMemory(forceFullCollection: true);

            // Each of them would hold ten megabytes if it were let, all together ten gigabytes.
            var text = new string('x', StepCharacters);
            for (var step = 0; step < Steps; step++)
            {
                await run.DeltasAsync(run.NewStep(), text);
            }

            await run.FinishAsync();
            Frames.AssertContiguous(await reading, 2);

            var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
            Assert.True(grown < Bound, $"{grown >> 20} MiB more");
        }
        finally
        {
            foreach (var connection in silent)
            {
                connection.Dispose();
            }
        }
    }

    [Fact]
    public async Task Flood_OfPings_ClosesItsOwnSocketAlone()
    {
        await using var host = await ApiHost.StartAsync(new()
        {
            ["AgentStream:Api:MaxFramesPerSecond"] = "1",
            ["AgentStream:Api:FarewellTimeout"] = "00:00:00.2",
        });
        await using var other = await host.ConnectAsync("/ws/chat/s1");
        await other.UntilAsync("snapshot");
        using var flooding = await UpgradeAsync(host);

        // Pings without a payload, masked with zeros.
        await flooding.SendAsync([.. Enumerable.Repeat<byte[]>([0x89, 0x80, 0, 0, 0, 0], 100).SelectMany(ping => ping)]);

        // A close frame with 4429.
        Assert.Contains("\x11\x4D", await flooding.ReadToEndAsync(), StringComparison.Ordinal);
        await other.SendAsync("""{"type":"ping"}""");
        await other.NextAsync("pong");
    }

    private static Task<RawConnection> UpgradeAsync(ApiHost host)
        => RawConnection.UpgradeAsync(host.Address, "/ws/chat/s1?after=2", ReceiveBuffer);
}

[CollectionDefinition(nameof(SilentSocketTests), DisableParallelization = true)]
public sealed class SilentSocketCollection;
