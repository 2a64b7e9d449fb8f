using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Tests.Messaging.Contract;

/// <content>Readers, and cursors.</content>
public abstract partial class SessionStoreContract
{
    [Fact]
    public async Task Follow_FromTheBeginning_SeesWhatIsThereAndWhatComes()
    {
        await using var home = await OpenAsync();
        using var stop = new CancellationTokenSource(Patience);
        await using var batches = home.Log.FollowAsync(Session, default, stop.Token).GetAsyncEnumerator();
        var next = batches.MoveNextAsync();
        Assert.False(next.IsCompleted);

        await home.Queue.EnqueueAsync(Make.Request());
        Assert.True(await next);
        Assert.Equal([new Offset(1)], batches.Current.Entries.Select(entry => entry.Offset));
        var lease = (await ClaimAsync(home)).Lease;
        await home.Log.AppendAsync(Make.Append(lease, 1, Make.Started()));
        await home.Log.AppendAsync(Make.Append(lease, 2, Make.Delta(lease, 1, "a"), Make.Delta(lease, 1, "b")));

        // A reader that was away gets what has gathered; a home may bring it a moment after its writer was answered.
        var gathered = new List<Offset>();
        while (gathered.Count < 3)
        {
            Assert.True(await batches.MoveNextAsync());
            gathered.AddRange(batches.Current.Entries.Select(entry => entry.Offset));
        }

        Assert.Equal([new Offset(2), new Offset(3), new Offset(4)], gathered);
    }

    [Fact]
    public async Task Follow_AThousandReaders_EachSeesEachEntryOnce()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request());
        var lease = (await ClaimAsync(home)).Lease;
        using var stop = new CancellationTokenSource(Patience);
        var readers = Enumerable.Range(0, 1000).Select(_ => Task.Run(async () =>
        {
            var seen = new List<Offset>();
            await foreach (var batch in home.Log.FollowAsync(Session, default, stop.Token))
            {
                seen.AddRange(batch.Entries.Select(entry => entry.Offset));
                if (batch.Entries[^1].Event is RunFinished)
                {
                    break;
                }
            }

            return seen;
        })).ToArray();

        for (var i = 1; i <= 50; i++)
        {
            await home.Log.AppendAsync(Make.Append(lease, i, Make.Delta(lease, 1, $"{i} ")));
        }

        await home.Queue.FinishAsync(Make.Append(lease, 51), Make.Finished());

        var expected = Enumerable.Range(1, 52).Select(i => new Offset(i)).ToArray();
        Assert.All(await Task.WhenAll(readers), seen => Assert.Equal(expected, seen));
    }

    [Fact]
    public async Task Read_CursorThatCannotBeServed_SaysWhy()
    {
        await using var home = await OpenAsync(new MessagingOptions { ReplayWindow = TimeSpan.FromMinutes(1) });
        await FinishedRunAsync(home, "m1");
        var epoch = (await home.Log.GetHeadAsync(Session)).Epoch;

        async Task<ResyncReason?> ReasonAsync(Epoch? e, long after)
            => (await home.Log.ReadAsync(Session, new Cursor(e, new Offset(after)), 10)).Resync;

        Assert.Null(await ReasonAsync(epoch, 3));
        Assert.Null(await ReasonAsync(null, 3));
        Assert.Null(await ReasonAsync(Epoch.New(), 0));
        Assert.Equal(ResyncReason.Epoch, await ReasonAsync(Epoch.New(), 3));
        Assert.Equal(ResyncReason.Ahead, await ReasonAsync(epoch, 99));
        await home.AdvanceAsync(TimeSpan.FromMinutes(2));
        await home.RetainAsync();
        Assert.Equal(ResyncReason.Trimmed, await ReasonAsync(epoch, 1));
        Assert.Equal(ResyncReason.Trimmed, await ReasonAsync(null, 0));
        Assert.Null(await ReasonAsync(epoch, (await home.Log.GetHeadAsync(Session)).LastSeq.Value));
    }
}
