using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Messaging.Contract;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Messaging.Backups;

/// <summary>Backups of several ages, restored while nothing runs: nobody goes on in a history that is not theirs.</summary>
public abstract class BackupContract
{
    /// <summary>The number of backups; the first is of a store in which nobody has said anything.</summary>
    private const int Ages = 5;

    internal abstract Task<IBackedUpHome> OpenAsync();

    [InheritedFact]
    public async Task Restore_OfAnyAge_ShowsEachClientItsOwnHistoryOrSaysThatItIsNot()
    {
        await using var home = await OpenAsync();
        var ends = new List<long>();
        var clients = new List<ClientView>();
        for (var age = 0; age < Ages; age++)
        {
            if (age > 0)
            {
                await TalkAsync(home, $"before {age}");
            }

            clients.AddRange((await ClientView.OfEachOffsetAsync(home.Log)).Skip(clients.Count));
            ends.Add(clients.Count);
            await home.BackUpAsync(age);
        }

        // The backup is of before the last words, and those who heard them come back, too.
        await TalkAsync(home, "after the last backup");
        clients.AddRange((await ClientView.OfEachOffsetAsync(home.Log)).Skip(clients.Count));

        for (var age = Ages - 1; age >= 0; age--)
        {
            await home.RestoreAsync(age);
            var beforeAnyWord = await ComeBackAsync(clients, home.Log);
            Assert.Equal(clients.Where(client => client.Cursor.After.Value <= ends[age]), beforeAnyWord);

            // The log becomes longer than it ever was: no offset tells any more that something is missing.
            for (var turn = 0; (await home.Log.GetHeadAsync(Make.Session)).LastSeq.Value <= clients.Count; turn++)
            {
                await TalkAsync(home, $"another history of {age}, {turn}");
            }

            Assert.Equal(clients.Where(client => client.Cursor.After.Value <= ends[age]), await ComeBackAsync(clients, home.Log));
            var others = await ClientView.OfEachOffsetAsync(home.Log);
            Assert.Equal(others, await ComeBackAsync(others, home.Log));
        }
    }

    [InheritedFact]
    public async Task Restart_WithoutLoss_LetsEveryClientGoOn()
    {
        await using var home = await OpenAsync();
        var clients = new List<ClientView>();
        for (var restart = 0; restart < 4; restart++)
        {
            await TalkAsync(home, $"turn {restart}");
            clients.AddRange(await ClientView.OfEachOffsetAsync(home.Log));
            await home.BackUpAsync(restart);
            await home.RestoreAsync(restart);
        }

        // A cursor of an earlier life can be gone on from as far as that life went; each life was read to its end here.
        var wentOn = await ComeBackAsync(clients, home.Log);
        Assert.Equal(clients, wentOn);
    }

    [InheritedFact]
    public async Task Restore_UnderAWorkerWithALease_TakesNothingOfItIntoTheOtherHistory()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request("m1"));
        await home.BackUpAsync(0);
        var lost = (await home.Queue.ClaimAsync("w1"))!.Lease;
        await home.Log.AppendAsync(Make.Append(lost, 1, Make.Delta(lost, 1, "lost")));

        // The same token is given again, and its new owner is as far: only the history tells the two apart.
        await home.RestoreAsync(0);
        var found = (await home.Queue.ClaimAsync("w2"))!.Lease;
        Assert.Equal((lost.RunId, lost.Token), (found.RunId, found.Token));
        await home.Log.AppendAsync(Make.Append(found, 1, Make.Delta(found, 1, "found")));

        Assert.Equal(AppendStatus.LeaseLost, (await home.Log.AppendAsync(Make.Append(lost, 2, Make.Delta(lost, 1, "lost, too")))).Status);
        Assert.False((await home.Queue.RenewAsync(lost)).Held);
        Assert.False(await home.Queue.ReleaseAsync(lost));
        Assert.Equal(AppendStatus.Appended, (await home.Log.AppendAsync(Make.Append(found, 2, Make.Delta(found, 1, "found, too")))).Status);
    }

    [InheritedFact]
    public async Task Follow_AcrossTheChangeOfEpochs_MissesAndRepeatsNothing()
    {
        await using var home = await OpenAsync();
        await TalkAsync(home, "before");
        await home.BackUpAsync(0);
        await home.RestoreAsync(0);
        var head = await home.Log.GetHeadAsync(Make.Session);
        await using var batches = home.Log.FollowAsync(Make.Session, new Cursor(head.Epoch, head.LastSeq)).GetAsyncEnumerator();
        var next = batches.MoveNextAsync().AsTask();

        await TalkAsync(home, "after");

        var last = (await home.Log.GetHeadAsync(Make.Session)).LastSeq;
        for (var expected = head.LastSeq.Next; expected <= last;)
        {
            Assert.True(await next.WaitAsync(TestTimeouts.Default));
            Assert.Null(batches.Current.Resync);
            foreach (var entry in batches.Current.Entries)
            {
                Assert.Equal(expected, entry.Offset);
                expected = expected.Next;
            }

            if (expected <= last)
            {
                next = batches.MoveNextAsync().AsTask();
            }
        }

        Assert.NotEqual(head.Epoch, batches.Current.Epoch);
    }

    private static async Task<IReadOnlyList<ClientView>> ComeBackAsync(IEnumerable<ClientView> clients, ISessionLog log)
    {
        var wentOn = new List<ClientView>();
        foreach (var client in clients)
        {
            if (await client.ComeBackAsync(log))
            {
                wentOn.Add(client);
            }
        }

        return wentOn;
    }

    private static async Task TalkAsync(IBackedUpHome home, string text)
    {
        await home.Queue.EnqueueAsync(Make.Request(MessageId.New().Value, message: text));
        var lease = (await home.Queue.ClaimAsync("w"))!.Lease;
        await home.Log.AppendAsync(Make.Append(lease, 1, Make.Started(), Make.Delta(lease, 1, text)));
        await home.Queue.FinishAsync(Make.Append(lease, 2, Make.Step(lease, 1, text)), Make.Finished());
    }
}

/// <summary>A home of which backups can be made and restored.</summary>
internal interface IBackedUpHome : IAsyncDisposable
{
    ISessionLog Log { get; }

    IRunQueue Queue { get; }

    /// <summary>Keeps the data as it is.</summary>
    Task BackUpAsync(int age);

    /// <summary>Ends everything, puts a backup in the place of the data, and begins anew.</summary>
    Task RestoreAsync(int age);
}
