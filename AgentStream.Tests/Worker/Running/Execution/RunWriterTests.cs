using System.Threading.Channels;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Support;
using AgentStream.Tests.Worker.Models;
using AgentStream.Worker.Running.Execution;
using AgentStream.Worker.Running.ReAct;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentStream.Tests.Worker.Running.Execution;

public sealed class RunWriterTests
{
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(15);
    private static readonly RunLease Lease =
        new(SessionId.Parse("s"), RunId.Parse("r"), Epoch.New(), new FencingToken(1), TimeSpan.FromSeconds(10));

    [Fact]
    public async Task Deltas_FasterThanPeopleSee_AreGatheredBehindTheFirst()
    {
        var time = new ReportingTime();
        var log = new KeptLog();
        using var control = new RunControl();
        var writer = Writer(log, control, Window, time);

        await writer.AddAsync(Delta("a"));
        Assert.Equal("a", await log.NextAsync());
        await writer.AddAsync(Delta("b"));
        var timer = await time.NextTimerAsync();
        await writer.AddAsync(Delta("c"));
        await writer.AddAsync(Delta("d"));
        timer.Fire();

        Assert.Equal("bcd", await log.NextAsync());
        Assert.Equal(Window, timer.Due);
    }

    [Fact]
    public async Task Commit_BehindGatheredDeltas_WaitsForNoTimer()
    {
        var time = new ReportingTime();
        var log = new KeptLog();
        using var control = new RunControl();
        var writer = Writer(log, control, Window, time);

        await writer.AddAsync(Delta("a"));
        Assert.Equal("a", await log.NextAsync());
        await writer.AddAsync(Delta("b"));
        await time.NextTimerAsync();
        await writer.CommitAsync(new LoopCommit([new RunStarted { AgentName = "a", Model = "m" }])).WaitAsync(TestTimeouts.Default);

        Assert.Equal(("b", "run_started"), (await log.NextAsync(), await log.NextAsync()));
    }

    [Fact]
    public async Task Deltas_SlowerThanTheWindow_GoOutEachAtOnce()
    {
        var time = new FakeTimeProvider();
        var log = new KeptLog();
        using var control = new RunControl();
        var writer = Writer(log, control, Window, time);

        foreach (var text in new[] { "a", "b", "c" })
        {
            await writer.AddAsync(Delta(text));
            Assert.Equal(text, await log.NextAsync());
            time.Advance(Window);
        }
    }

    [Theory]
    [InlineData(1, 15)]
    [InlineData(2, 25)]
    [InlineData(12, 25)]
    [InlineData(20, 18)]
    public async Task Window_OfFastRuns_IsLongerAndOfVeryFastOnesLessSo(int deltasInEach, int expectedMilliseconds)
    {
        var time = new ReportingTime();
        var log = new KeptLog();
        using var control = new RunControl();
        var writer = Writer(log, control, Window, time);
        await writer.AddAsync(Delta("a"));
        Assert.Equal("a", await log.NextAsync());

        ReportedTimer timer = null!;
        for (var write = 0; write < 10; write++)
        {
            for (var delta = 0; delta < deltasInEach; delta++)
            {
                await writer.AddAsync(Delta("b"));
            }

            timer = await time.NextTimerAsync();
            time.Elapsed += Window;
            timer.Fire();
            await log.NextAsync();
        }

        Assert.Equal(TimeSpan.FromMilliseconds(expectedMilliseconds), timer.Due);
    }

    [Fact]
    public async Task Window_OfZero_SetsNoTimer()
    {
        var time = new FakeTimeProvider();
        var log = new KeptLog();
        using var control = new RunControl();
        var writer = Writer(log, control, TimeSpan.Zero, time);

        foreach (var text in new[] { "a", "b", "c" })
        {
            await writer.AddAsync(Delta(text));
            Assert.Equal(text, await log.NextAsync());
        }
    }

    [Fact]
    public async Task Settle_OfAnAbandonedRun_WaitsForTheWriteUnderWay()
    {
        var log = new KeptLog { Gate = new TaskCompletionSource() };
        using var control = new RunControl();
        var writer = Writer(log, control, TimeSpan.Zero, TimeProvider.System);

        await writer.AddAsync(Delta("a"));
        await log.Begun.Task.WaitAsync(TestTimeouts.Default);
        await control.AbandonAsync();
        var settled = writer.SettleAsync();
        Assert.False(settled.IsCompleted);
        log.Gate.SetResult();

        await settled.WaitAsync(TestTimeouts.Default);
    }

    private static RunWriter Writer(KeptLog log, RunControl control, TimeSpan window, TimeProvider time) =>
        new(log.Log, null!, Lease, [], control, window, new FlushClock(TimeProvider.System), time, NullLogger.Instance);

    private static StepDelta Delta(string text)
        => new() { StepId = StepId.Parse("r-1-1"), StepType = DeltaType.Answer, Delta = text, Iteration = 1 };

    /// <summary>Reports what is written.</summary>
    private sealed class KeptLog
    {
        private readonly Channel<string> _written = Channel.CreateUnbounded<string>();

        public KeptLog()
        {
            Log = System.Reflection.DispatchProxy.Create<ISessionLog, LogProxy>();
            ((LogProxy)(object)Log).Append = AppendAsync;
        }

        public ISessionLog Log { get; }

        /// <summary>Holds up each write until it is open.</summary>
        public TaskCompletionSource? Gate { get; init; }

        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<string> NextAsync() => await _written.Reader.ReadAsync().AsTask().WaitAsync(TestTimeouts.Default);

        private async Task<AppendResult> AppendAsync(RunAppend append)
        {
            Begun.TrySetResult();
            if (Gate is not null)
            {
                await Gate.Task;
            }

            foreach (var sessionEvent in append.Events)
            {
                _written.Writer.TryWrite(sessionEvent is StepDelta delta ? delta.Delta : sessionEvent.Type);
            }

            return new AppendResult(AppendStatus.Appended, default, false);
        }
    }
}
