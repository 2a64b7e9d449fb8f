using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;

namespace AgentStream.Tests.Messaging.Contract;

/// <content>Messages that a run under way takes up.</content>
public abstract partial class SessionStoreContract
{
    [Fact]
    public async Task Steer_OfARunUnderWay_IsTakenUpInOneWriteAndOnce()
    {
        await using var home = await OpenAsync();
        var first = Make.Request("m1");
        await home.Queue.EnqueueAsync(first);
        var lease = (await ClaimAsync(home)).Lease;
        var quiet = await home.Log.AppendAsync(Make.Append(lease, 1, Make.Started()));
        var said = Make.Request("m2", onBusy: OnBusy.Steer);
        var accepted = await home.Queue.EnqueueAsync(said);
        var told = await home.Log.AppendAsync(Make.Append(lease, 2, Make.Step(lease, 1, "result", StepType.ToolResult)));

        var waiting = await home.Queue.ReadSteeringAsync(lease);
        var take = Make.Append(lease, 3, Steered(waiting[0])) with { Checkpoint = Make.Bytes("taken") };
        var taken = await home.Log.AppendAsync(take);
        var again = await home.Log.AppendAsync(take);

        Assert.Equal((false, true, false), (quiet.HasSteering, told.HasSteering, taken.HasSteering));
        Assert.Equal(taken, again);
        Assert.Equal((said.RunId, said.Message, first.RunId), (waiting[0].RunId, waiting[0].Message, waiting[0].SteersRunId));
        Assert.Empty(await home.Queue.ReadSteeringAsync(lease));
        var entries = (await home.Log.ReadAsync(Session, default, 20)).Entries;
        Assert.Equal(
            ["run_queued", "run_started", "run_queued", "reasoning_step", "message_steered", "run_finished"],
            entries.Select(entry => entry.Event.Type));
        Assert.Equal((lease.RunId, said.RunId), (entries[4].RunId, entries[5].RunId));
        Assert.Equal(first.RunId, Assert.IsType<RunQueued>(entries[2].Event).SteersRunId);
        var end = Assert.IsType<RunFinished>(entries[5].Event);
        Assert.Equal((RunStatus.Completed, first.RunId), (end.Status, end.SteeredRunId));
        Assert.Equal(
            (EnqueueStatus.Duplicate, accepted.RunId, CancelStatus.AlreadyFinished, EnqueueStatus.UnknownReplaced),
            ((await home.Queue.EnqueueAsync(said with { RunId = RunId.New() })).Status, (await home.Queue.FindAsync(said))!.Value.RunId,
                (await home.Queue.CancelAsync(Session, said.RunId, "client")).Status,
                (await home.Queue.EnqueueAsync(Make.Request("m3", replaces: said.RunId))).Status));
        await home.Queue.FinishAsync(Make.Append(lease, 4), Make.Finished());
        Assert.Null(await home.Queue.ClaimAsync("w"));
        var messages = (await home.Log.ReadTranscriptAsync(Session, null, 9)).Messages;
        Assert.Equal((null, first.RunId), (messages[0].SteeredRunId, messages[1].SteeredRunId));
        var shown = Assert.Single(messages[0].Steered!);
        Assert.Equal((said.RunId, said.Message, 2), (shown.QueuedRunId, shown.Message, shown.Iteration));
        await home.Queue.EnqueueAsync(Make.Request("m4"));
        var turn = Assert.Single((await ClaimAsync(home)).Conversation);
        Assert.Equal((first.RunId, "taken"), (turn.RunId, Make.Text(Assert.Single(turn.Checkpoints))));
    }

    [Fact]
    public async Task Steer_WhoseRunIsOverBeforeItsNextStep_HasItsOwnTurn()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request("m1"));
        var said = Make.Request("m2", onBusy: OnBusy.Steer);
        await home.Queue.EnqueueAsync(said);
        await home.Queue.EnqueueAsync(Make.Request("m3"));
        var first = (await ClaimAsync(home)).Lease;
        Assert.Single(await home.Queue.ReadSteeringAsync(first));

        await home.Queue.FinishAsync(Make.Append(first, 1), Make.Finished());

        var next = await ClaimAsync(home);
        Assert.Equal((said.RunId, said.Message), (next.Lease.RunId, next.Request.Message));
        Assert.Empty(await home.Queue.ReadSteeringAsync(next.Lease));
        Assert.Empty(await home.Queue.ReadSteeringAsync(first));
        Assert.False((await home.Log.AppendAsync(Make.Append(next.Lease, 1, Make.Started()))).HasSteering);
    }

    [Fact]
    public async Task Steer_WithNothingUnderWayOrOnlyWhatIsToEnd_WaitsForItsTurn()
    {
        await using var home = await OpenAsync();
        var first = Make.Request("m1", onBusy: OnBusy.Steer);
        await home.Queue.EnqueueAsync(first);
        var lease = (await ClaimAsync(home)).Lease;
        await home.Queue.CancelAsync(Session, null, "client");

        await home.Queue.EnqueueAsync(Make.Request("m2", onBusy: OnBusy.Steer));

        Assert.Equal(first.RunId, lease.RunId);
        Assert.Empty(await home.Queue.ReadSteeringAsync(lease));
        Assert.All(
            (await home.Log.ReadAsync(Session, default, 9)).Entries.Select(entry => entry.Event).OfType<RunQueued>(),
            queued => Assert.Null(queued.SteersRunId));
    }

    [Fact]
    public async Task Steer_ThatWasCancelledBeforeItWasTaken_IsNotTakenAndNothingElseOfTheWriteIs()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request("m1"));
        var said = Make.Request("m2", onBusy: OnBusy.Steer);
        await home.Queue.EnqueueAsync(said);
        var claim = await ClaimAsync(home);
        var read = await home.Queue.ReadSteeringAsync(claim.Lease);
        await home.Queue.CancelAsync(Session, said.RunId, "client");

        var late = await home.Log.AppendAsync(Make.Append(claim.Lease, 1, Steered(read[0])) with { Checkpoint = Make.Bytes("taken") });
        var next = await home.Log.AppendAsync(Make.Append(claim.Lease, 1, Make.Started()));

        Assert.Equal((AppendStatus.NotWaiting, AppendStatus.Appended), (late.Status, next.Status));
        await home.Queue.ReleaseAsync(claim.Lease);
        Assert.Empty((await ClaimAsync(home)).Checkpoints);
    }

    private static MessageSteered Steered(RunRequest request)
        => new() { QueuedRunId = request.RunId, MessageId = request.MessageId, Message = request.Message, Iteration = 2 };
}
