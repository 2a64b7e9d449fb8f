using AgentStream.Messaging.Protocol;

namespace AgentStream.Messaging.Transcript;

/// <summary>One message while its run goes on.</summary>
internal sealed class MessageFold(TranscriptMessage head)
{
    private readonly List<ReasoningStep> _steps = [.. head.Steps];
    private TranscriptMessage _head = head with { Steps = [] };
    private TranscriptMessage? _message = head;

    public Offset Seq => _head.Seq;

    public RunId RunId => _head.RunId;

    public TokenUsage? Usage => _head.Usage;

    public void Change(Func<TranscriptMessage, TranscriptMessage> change)
    {
        _head = change(_head);
        _message = null;
    }

    /// <summary>Another worker began an attempt.</summary>
    /// <param name="attempt">Which, from 1.</param>
    /// <param name="heardAt">When the run was last heard of; <c>null</c>: not since it was queued.</param>
    /// <param name="at">When it began.</param>
    public void Begin(int attempt, DateTimeOffset? heardAt, DateTimeOffset at)
    {
        if (attempt > (_head.Attempt ?? 1))
        {
            var takeover = Takeover.Of(heardAt ?? _head.QueuedAt, at, _steps);
            Change(message => message with { Takeovers = [.. message.Takeovers ?? [], takeover] });
        }
    }

    public void Add(ReasoningStep step)
    {
        _steps.Add(step);
        _message = null;
    }

    public void Remove(IReadOnlyList<StepId> stepIds)
    {
        if (_steps.RemoveAll(step => stepIds.Contains(step.StepId)) > 0)
        {
            _message = null;
        }
    }

    /// <summary>The message as it stands; the same object until something changes.</summary>
    public TranscriptMessage ToMessage() => _message ??= _head with { Steps = _steps.ToArray() };
}
