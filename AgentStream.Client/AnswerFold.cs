namespace AgentStream.Client;

/// <summary>Puts the events of a run together.</summary>
internal sealed class AnswerFold
{
    private readonly List<ReasoningStep> _steps = [];
    private RunFinished? _end;
    private IReadOnlyList<TranscriptMessage> _messages = [];

    /// <summary>What they come to.</summary>
    public AgentAnswer Answer => _end is { } end
        ? Of(end, [.. _messages.FirstOrDefault(message => message.RunId == end.RunId)?.Steps ?? [], .. _steps])
        : throw new InvalidOperationException("The run is not over.");

    public void Take(AgentEvent happened)
    {
        switch (happened)
        {
            case ReasoningStep step:
                _steps.Add(step);
                break;
            case StepSuperseded superseded:
                _steps.RemoveAll(step => superseded.StepIds.Contains(step.StepId));
                break;
            case SnapshotReceived snapshot:
                _steps.Clear();
                _messages = snapshot.Snapshot.Messages;
                break;
            case RunFinished end:
                _end = end;
                break;
            default:
                break;
        }
    }

    private static AgentAnswer Of(RunFinished end, IReadOnlyList<ReasoningStep> steps) => new()
    {
        RunId = end.RunId,
        Status = end.Status,
        Text = steps.LastOrDefault(step => step.Type == StepType.FinalAnswer && !step.CutOff)?.Content,
        Steps = steps,
        Error = end.Error,
        ErrorCode = end.ErrorCode,
        Usage = end.Usage,
    };
}
