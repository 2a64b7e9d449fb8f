using System.Globalization;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using FsCheck;
using FsCheck.Fluent;

namespace AgentStream.Tests.Messaging.Contract;

/// <summary>What every home of log and queue keeps.</summary>
public abstract partial class SessionStoreContract
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LongestHistory = TimeSpan.FromMinutes(1);

    private static SessionId Session => Make.Session;

    [Fact]
    public void AnyHistory_ComparedWithTheModel_IsTheSame()
    {
        var options = new MessagingOptions
        {
            ReplayWindow = TimeSpan.FromSeconds(3),
            MaxQueuedRuns = 4,
            ConversationBytes = 150,
            SnapshotMessages = 5,
        };
        var hangs = false;
        var property = Prop.ForAll(HistoryStep.Histories(), steps =>
        {
            // A history that hangs is not made shorter: each try would hang as long.
            if (hangs)
            {
                return;
            }

            try
            {
                Task.Run(() => RunAsync(steps, options)).WaitAsync(LongestHistory).GetAwaiter().GetResult();
            }
            catch (TimeoutException)
            {
                hangs = true;
                throw;
            }
        });

        property.Check(Config.QuickThrowOnFailure.WithMaxTest(Histories).WithQuietOnSuccess(true));
    }

    private async Task RunAsync(HistoryStep[] steps, MessagingOptions options)
    {
        await using var home = await OpenAsync(options);
        await using var runner = new HistoryRunner(home, options);
        await runner.RunAsync(steps);
    }

    /// <summary>For a longer search than each run of the tests can afford.</summary>
    private static int? Asked => int.TryParse(
        Environment.GetEnvironmentVariable("AGENTSTREAM_TESTS_HISTORIES"), CultureInfo.InvariantCulture, out var asked) ? asked : null;

    /// <summary>How many histories are tried.</summary>
    protected virtual int Histories => Asked ?? 120;

    private protected abstract Task<StoreHome> OpenAsync(MessagingOptions options);

    private protected Task<StoreHome> OpenAsync() => OpenAsync(new MessagingOptions());

    private static async Task<RunClaim> ClaimAsync(StoreHome home)
    {
        var claim = await home.Queue.ClaimAsync("worker");
        Assert.NotNull(claim);
        return claim;
    }

    private static async Task<RunId> FinishedRunAsync(StoreHome home, string messageId, string? checkpoint = null, RunId? replaces = null)
    {
        await home.Queue.EnqueueAsync(Make.Request(messageId, replaces: replaces));
        var lease = (await ClaimAsync(home)).Lease;
        await home.Log.AppendAsync(Make.Append(lease, 1, Make.Started(), Make.Delta(lease, 1, "ans"), Make.Delta(lease, 1, "wer")));
        var last = Make.Append(lease, 2, Make.Step(lease, 1, "answer")) with
        {
            Checkpoint = checkpoint is null ? null : Make.Bytes(checkpoint),
        };
        await home.Queue.FinishAsync(last, Make.Finished());
        return lease.RunId;
    }
}
