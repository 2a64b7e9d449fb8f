using AgentStream.Tests.Messaging.Contract;

namespace AgentStream.Tests.Messaging.Embedded;

/// <summary>What an append costs the disk.</summary>
public sealed class AppendBytesTests
{
    private const int Measured = 50;
    private const int Between = 2_000;

    [Fact]
    public async Task Append_ToALongSession_WritesAsFewBytesAsToAShortOne()
    {
        await using var home = new EmbeddedHome();
        await home.Queue.EnqueueAsync(Make.Request());
        var lease = (await home.Queue.ClaimAsync("w"))!.Lease;
        var sequence = 0;
        await AppendAsync(1);

        var early = await MeasureAsync();
        await AppendAsync(Between);
        var late = await MeasureAsync();

        Assert.InRange(early, Measured * 1_000, Measured * 40_000);

        // Forty times as long; a tree over the records may have become a page deeper.
        Assert.InRange(late, 0, early * 1.5);

        // What is written goes to the write-ahead log first, and all of it stays there until somebody empties it.
        async Task<long> MeasureAsync()
        {
            home.Query("PRAGMA wal_checkpoint(TRUNCATE)");
            await AppendAsync(Measured);
            return new FileInfo(home.Database + "-wal").Length;
        }

        async Task AppendAsync(int count)
        {
            for (var number = 0; number < count; number++)
            {
                await home.Log.AppendAsync(Make.Append(lease, ++sequence, Make.Delta(lease, 1, "some words of an answer ")));
            }
        }
    }
}
