using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Wires.Runs;

/// <summary>
/// One run out of a session's log as events, each once, whether entries tell it or a snapshot that stands in for them.
/// Not safe for several threads.
/// </summary>
/// <remarks>
/// A snapshot says what has come of the entries that can't be had; what a reader does not know of it yet is told as the events
/// that would have led there. So a wire reads events and nothing else.
/// </remarks>
internal sealed class RunFold(RunId runId)
{
    private static readonly StepType[] Written = [StepType.Thought, StepType.FinalAnswer];

    // The length of what was told of each step that is not finished.
    private readonly Dictionary<StepId, int> _open = [];
    private readonly HashSet<StepId> _finished = [];
    private readonly HashSet<ToolCallId> _asked = [];
    private readonly HashSet<ToolCallId> _answered = [];
    private bool _isQueued;
    private int _attempt;
    private bool _isCancelRequested;

    public RunId RunId => runId;

    /// <summary>Whether the end was told.</summary>
    public bool IsOver { get; private set; }

    /// <summary>What entries tell of the run.</summary>
    /// <param name="epoch">The epoch that they are in.</param>
    /// <param name="entries">Entries of the session, in order.</param>
    public List<RunEvent> Take(Epoch epoch, IReadOnlyList<LogEntry> entries)
    {
        var told = new Telling();
        foreach (var entry in entries)
        {
            if (entry.RunId == runId && !IsOver)
            {
                told.Position = new Cursor(epoch, entry.Offset);
                told.Timestamp = entry.Timestamp;
                Tell(entry.Event, told);
            }
        }

        return told.Events;
    }

    /// <summary>What a snapshot tells of the run beyond what was told before; <c>null</c>: it does not have the run.</summary>
    public List<RunEvent>? Take(SnapshotData snapshot)
    {
        if (IsOver)
        {
            return [];
        }

        if (snapshot.Messages.FirstOrDefault(message => message.RunId == runId) is not { } message)
        {
            return null;
        }

        var active = snapshot.ActiveRun is { } run && run.RunId == runId ? run : null;
        var told = new Telling
        {
            Position = new Cursor(snapshot.Epoch, snapshot.LastSeq),
            Timestamp = message.FinishedAt ?? active?.HeardAt ?? message.StartedAt ?? message.QueuedAt,
            IsRetold = true,
        };
        TellBeginning(message, told);
        TellSuperseded(message, active, told);
        TellSteps(message, told);
        TellOpen(message, active, told);
        TellEnd(message, told);
        return told.Events;
    }

    private void TellBeginning(TranscriptMessage message, Telling told)
    {
        if (!_isQueued)
        {
            Tell(
                new RunQueued
                {
                    Message = message.Message,
                    MessageId = message.MessageId,
                    AgentName = message.AgentName,
                    EnableReasoning = message.EnableReasoning,
                    Attachments = message.Attachments,
                    ReplacesRunId = message.ReplacesRunId,
                    SteersRunId = message.SteersRunId,
                },
                told);
        }

        if (message.StartedAt is not null && (message.Attempt ?? 1) > _attempt)
        {
            Tell(
                new RunStarted
                {
                    AgentName = message.AgentName,
                    Model = message.Model ?? "",
                    Attempt = message.Attempt ?? 1,
                    TraceId = message.TraceId,
                },
                told);
        }
    }

    private void TellSuperseded(TranscriptMessage message, ActiveRun? active, Telling told)
    {
        HashSet<StepId> present =
            [.. message.Steps.Select(step => step.StepId), .. active?.OpenSteps.Select(step => step.StepId) ?? []];
        List<StepId> gone = [.. _open.Keys.Concat(_finished).Where(step => !present.Contains(step))];
        if (gone.Count > 0)
        {
            Tell(new StepSuperseded { StepIds = gone, Reason = SupersededReason.AttemptLost }, told);
        }
    }

    private void TellSteps(TranscriptMessage message, Telling told)
    {
        foreach (var step in message.Steps.Where(step => !_finished.Contains(step.StepId)))
        {
            // The questions came before the calls: all of a reply before any of them.
            if (step.StepType == StepType.ToolUse)
            {
                TellAnswered(
                    [.. from use in message.Steps
                        where use.StepType == StepType.ToolUse && use.Iteration == step.Iteration && use.ParentStepId == step.ParentStepId
                        from approval in message.Approvals ?? []
                        where approval.ToolCallId == use.ToolCallId
                        select (approval, use)],
                    told);
            }

            Tell(step, told);
        }

        TellAnswered([.. from approval in message.Approvals ?? [] select (approval, (ReasoningStep?)null)], told);
    }

    private void TellAnswered(IReadOnlyList<(ResolvedApproval Approval, ReasoningStep? Use)> answered, Telling told)
    {
        foreach (var (approval, step) in answered.Where(one => !_asked.Contains(one.Approval.ToolCallId)))
        {
            Tell(
                new ToolApprovalRequired
                {
                    ToolCallId = approval.ToolCallId,
                    ToolName = approval.ToolName ?? step?.ToolName ?? "",
                    Arguments = step?.Arguments,
                    ExpiresAt = told.Timestamp,
                    ClientTool = approval.ClientTool,
                },
                told);
        }

        foreach (var (approval, step) in answered.Where(one => !_answered.Contains(one.Approval.ToolCallId)))
        {
            Tell(
                new ToolApprovalResolved
                {
                    ToolCallId = approval.ToolCallId,
                    Approved = approval.Approved,
                    By = approval.By,
                    Arguments = approval.Approved ? step?.Arguments : null,
                    Edited = approval.Edited,
                    Expired = approval.Expired,
                    Reason = approval.Reason,
                },
                told);
        }
    }

    private void TellOpen(TranscriptMessage message, ActiveRun? active, Telling told)
    {
        foreach (var step in active?.OpenSteps ?? [])
        {
            var known = _open.GetValueOrDefault(step.StepId);
            if (step.Content.Length > known || !_open.ContainsKey(step.StepId))
            {
                Tell(
                    new StepDelta
                    {
                        StepId = step.StepId,
                        StepType = step.StepType,
                        Delta = step.Content[Math.Min(known, step.Content.Length)..],
                        Iteration = step.Iteration,
                        AgentName = step.AgentName,
                        ParentStepId = step.ParentStepId,
                    },
                    told);
            }
        }

        foreach (var question in active?.PendingApprovals.Where(question => !_asked.Contains(question.ToolCallId)) ?? [])
        {
            Tell(
                new ToolApprovalRequired
                {
                    ToolCallId = question.ToolCallId,
                    ToolName = question.ToolName,
                    Arguments = question.Arguments,
                    ExpiresAt = question.ExpiresAt,
                    ClientTool = question.ClientTool,
                },
                told);
        }

        if (message.CancelRequested == true && !_isCancelRequested)
        {
            Tell(new CancelRequested(), told);
        }
    }

    private void TellEnd(TranscriptMessage message, Telling told)
    {
        if (message.Status is MessageStatus.Completed or MessageStatus.Failed or MessageStatus.Cancelled)
        {
            Tell(
                new RunFinished
                {
                    Status = message.Status switch
                    {
                        MessageStatus.Completed => RunStatus.Completed,
                        MessageStatus.Failed => RunStatus.Failed,
                        _ => RunStatus.Cancelled,
                    },
                    Error = message.Error,
                    ErrorCode = message.ErrorCode,
                    DurationMs = message.DurationMs ?? 0,
                    Iterations = message.Iterations ?? 0,
                    Usage = message.Usage,
                    SteeredRunId = message.SteeredRunId,
                },
                told);
        }
    }

    private void Tell(SessionEvent sessionEvent, Telling told)
    {
        switch (sessionEvent)
        {
            case RunQueued:
                _isQueued = true;
                break;
            case RunStarted started:
                _attempt = started.Attempt;
                break;
            case StepDelta delta:
                _open[delta.StepId] = _open.GetValueOrDefault(delta.StepId) + delta.Delta.Length;
                break;
            case ReasoningStep step:
                TellRest(step, told);
                _open.Remove(step.StepId);
                _finished.Add(step.StepId);
                break;
            case StepSuperseded superseded:
                foreach (var step in superseded.StepIds)
                {
                    _open.Remove(step);
                    _finished.Remove(step);
                }

                break;
            case ToolApprovalRequired required:
                _asked.Add(required.ToolCallId);
                break;
            case ToolApprovalResolved resolved:
                _answered.Add(resolved.ToolCallId);
                break;
            case CancelRequested:
                _isCancelRequested = true;
                break;
            case RunFinished:
                IsOver = true;
                break;
        }

        told.Add(sessionEvent);
    }

    // What of a step's text has not come as deltas: all of it, where it was not streamed.
    private void TellRest(ReasoningStep step, Telling told)
    {
        var known = _open.GetValueOrDefault(step.StepId);
        if (Array.IndexOf(Written, step.StepType) >= 0 && (step.Content.Length > known || !_open.ContainsKey(step.StepId)))
        {
            told.Add(new StepDelta
            {
                StepId = step.StepId,
                StepType = step.StepType == StepType.Thought ? DeltaType.Thought : DeltaType.Answer,
                Delta = step.Content[Math.Min(known, step.Content.Length)..],
                Iteration = step.Iteration,
                AgentName = step.AgentName,
                ParentStepId = step.ParentStepId,
            });
        }
    }

    private sealed class Telling
    {
        public List<RunEvent> Events { get; } = [];

        public Cursor Position { get; set; }

        public DateTimeOffset Timestamp { get; set; }

        public bool IsRetold { get; init; }

        public void Add(SessionEvent sessionEvent) => Events.Add(new RunEvent(Position, Timestamp, sessionEvent, IsRetold));
    }
}
