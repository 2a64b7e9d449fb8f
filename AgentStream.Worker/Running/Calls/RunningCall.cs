using System.Threading.Channels;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Running.Checkpoints;
using AgentStream.Worker.Running.ReAct;
using AgentStream.Worker.Tools;

namespace AgentStream.Worker.Running.Calls;

/// <summary>A tool call under way, between the tool's thread and the loop's: what it says before it is done, and how it ended.</summary>
internal sealed class RunningCall
{
    private readonly ChannelWriter<RunningCall> _news;
    private volatile ToolOutcome? _outcome;
    private int _told;

    /// <param name="call">What is called.</param>
    /// <param name="limit">Characters of its result.</param>
    /// <param name="news">Is told when there is something to take; has room for two words of each call.</param>
    public RunningCall(RecordedCall call, int limit, ChannelWriter<RunningCall> news)
    {
        Call = call;
        _news = news;
        Output = new ToolOutput(limit, Tell);
    }

    public RecordedCall Call { get; }

    public ToolOutput Output { get; }

    /// <summary>The step of its partial output; null as long as there is none.</summary>
    public StepId? StepId { get; private set; }

    public void Finish(ToolOutcome outcome)
    {
        _outcome = outcome;
        _news.TryWrite(this);
    }

    /// <summary>For the loop's thread alone, as what follows. The rest of the content comes as the last delta.</summary>
    public StepDelta? TakeDelta(StepFactory steps, int iteration)
    {
        // Before taking: what is added after it is told anew.
        Volatile.Write(ref _told, 0);
        if (Output.TakeNew() is not { Length: > 0 } text)
        {
            return null;
        }

        StepId ??= steps.NextId();
        return steps.Delta(StepId.Value, DeltaType.ToolResult, text, iteration);
    }

    /// <summary>
    /// The outcome, once there is one. Asked before <see cref="TakeDelta"/>: once it is known, what can be taken is all that there is.
    /// </summary>
    public ToolOutcome? TakeOutcome()
    {
        var outcome = _outcome;
        _outcome = null;
        return outcome;
    }

    private void Tell()
    {
        if (Interlocked.Exchange(ref _told, 1) == 0)
        {
            _news.TryWrite(this);
        }
    }
}
