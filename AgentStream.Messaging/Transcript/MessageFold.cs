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
