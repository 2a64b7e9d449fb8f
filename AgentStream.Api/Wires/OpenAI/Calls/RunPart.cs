using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.OpenAI.Calls;

/// <summary>
/// The part of a run that one request gets. A run that asks its caller to execute calls ends one request with them, and goes on in the
/// next one, which brings their results. Parts count from 0, the same in each replay.
/// </summary>
/// <param name="number">Which part: 0 begins with the run, each other one with the results that the one before it asked for.</param>
internal sealed class RunPart(int number = 0)
{
    private readonly List<ToolApprovalRequired> _asked = [];
    private readonly HashSet<ToolCallId> _open = [];
    private int _number;
    private bool _isEnd;

    /// <summary>What the caller has to execute at the end of the part; empty before it, and where the run itself ends.</summary>
    public IReadOnlyList<ToolApprovalRequired> Calls => _isEnd ? _asked : [];

    /// <summary>The tokens of the replies of the part; <c>null</c>: nobody tells them.</summary>
    public TokenUsage? Usage { get; private set; }

    /// <summary>The number of the part in which a call was asked for; <c>null</c>: none has it.</summary>
    public static int? NumberOf(IEnumerable<RunEvent> events, ToolCallId call)
    {
        var part = new RunPart(int.MaxValue);
        foreach (var runEvent in events)
        {
            part.Take(runEvent.Event);
            if (part._asked.Exists(question => question.ToolCallId == call))
            {
                return part._number;
            }
        }

        return null;
    }

    /// <summary>Tells whether an event of the run is of this part. After an end, nothing is.</summary>
    public bool Take(SessionEvent sessionEvent)
    {
        if (_isEnd)
        {
            return false;
        }

        switch (sessionEvent)
        {
            case ToolApprovalRequired { ClientTool: true } question:
                _asked.Add(question);
                _open.Add(question.ToolCallId);
                return false;
            case ToolApprovalRequired:
                return false;
            case var _ when _asked.Count > 0 && _number == number:
                // What is asked together comes together.
                _isEnd = true;
                return false;
            case ToolApprovalResolved resolved:
                if (_open.Remove(resolved.ToolCallId) && _open.Count == 0)
                {
                    _asked.Clear();
                    _number++;
                }

                return false;
            default:
                if (sessionEvent is UsageReported usage && _number == number)
                {
                    Count(usage);
                }

                // What a run begins with says what it is.
                return _number == number || sessionEvent is RunQueued or RunStarted;
        }
    }

    /// <summary>All was told that is there: what was asked is all that is asked.</summary>
    public void Pause() => _isEnd |= _asked.Count > 0 && _number == number;

    /// <summary>The tokens that a request took which ends with the end of the run: all of them, unless others had their part.</summary>
    public TokenUsage? UsageOf(RunFinished finished) => number == 0 ? finished.Usage : Usage ?? finished.Usage;

    private void Count(UsageReported usage) => Usage = new TokenUsage
    {
        InputTokens = (Usage?.InputTokens ?? 0) + usage.InputTokens,
        OutputTokens = (Usage?.OutputTokens ?? 0) + usage.OutputTokens,
        TotalTokens = (Usage?.TotalTokens ?? 0) + usage.TotalTokens,
        ReasoningTokens = Sum(Usage?.ReasoningTokens, usage.ReasoningTokens),
        CachedTokens = Sum(Usage?.CachedTokens, usage.CachedTokens),
    };

    private static long? Sum(long? one, long? other) => one is null ? other : one + (other ?? 0);
}
