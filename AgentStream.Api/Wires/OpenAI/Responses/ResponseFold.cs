using AgentStream.Api.Wires.OpenAI.Calls;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.OpenAI.Responses;

/// <summary>
/// Makes a response of a run's events, and the events of its stream: the same ones, with the same numbers, whenever it is asked.
/// </summary>
/// <remarks>
/// Text is shown as it comes. What is taken back, or turns out to be a thought before a tool call, ends as an item with the status
/// <c>incomplete</c>, and is not in the output of the response at its end, which is what counts.
/// </remarks>
/// <param name="id">The response's id.</param>
/// <param name="queued">The offset of its run's <c>run_queued</c>.</param>
/// <param name="createdAt">When that was.</param>
/// <param name="sessionId">The session.</param>
/// <param name="part">What of the run the response is.</param>
internal sealed class ResponseFold(string id, Offset queued, DateTimeOffset createdAt, SessionId sessionId, RunPart part)
{
    /// <summary>
    /// More events than any entry of a log comes to: the first of each entry has a number of its own, whatever came before.
    /// </summary>
    internal const int NumbersPerEntry = 16;

    private readonly List<ResponseOutput> _output = [];
    private readonly List<ResponseItem> _calls = [];
    private string _agent = "";
    private string _status = ResponseStatus.Queued;
    private RunFinished? _end;
    private DateTimeOffset? _endedAt;
    private bool _isCutOff;
    private int _last = -1;
    private RunEvent _asked;

    /// <summary>Whether the response has ended: its run has, or it waits for what its caller executes.</summary>
    public bool IsOver => _endedAt is not null;

    /// <summary>The response as it stands.</summary>
    public ResponseBody Response => new()
    {
        Id = id,
        CreatedAt = createdAt.ToUnixTimeSeconds(),
        CompletedAt = _status == ResponseStatus.Completed ? _endedAt?.ToUnixTimeSeconds() : null,
        Status = _status,
        Error = _end is { Status: RunStatus.Failed } failed ? ErrorOf(OpenAIError.Of(failed)) : null,
        IncompleteDetails = _status == ResponseStatus.Incomplete ? new IncompleteDetails { Reason = "max_output_tokens" } : null,
        Model = _agent,
        Output = [.. _output.Where(item => !item.IsTakenBack).Select(item => item.Item), .. _calls],
        Usage = ResponseUsage.Of(_end is { } end ? part.UsageOf(end) : IsOver ? part.Usage : null),
    };

    /// <summary>The events that an event of the run comes to.</summary>
    public List<ResponseEvent> Take(in RunEvent runEvent)
    {
        if (IsOver)
        {
            return [];
        }

        if (part.Take(runEvent.Event))
        {
            return Number(runEvent, Make(runEvent));
        }

        if (part.Calls.Count > 0)
        {
            return Wait();
        }

        _asked = runEvent.Event is ToolApprovalRequired ? runEvent : _asked;
        return [];
    }

    /// <summary>The events that there are where all was told that is there: a response that waits for its caller is at its end.</summary>
    public List<ResponseEvent> Pause()
    {
        part.Pause();
        return part.Calls.Count > 0 && !IsOver ? Wait() : [];
    }

    // At the place of the last question, in each replay.
    private List<ResponseEvent> Wait()
    {
        List<ResponseEvent> events = [.. _output.Where(item => !item.IsDone).SelectMany(item => item.Finish(isWhole: false))];
        foreach (var call in part.Calls)
        {
            var item = new ResponseItem
            {
                Id = $"fc_{call.ToolCallId}",
                Type = "function_call",
                Status = ResponseStatus.Completed,
                CallId = new CallId(call.ToolCallId, sessionId).ToString(),
                Name = call.ToolName,
                Arguments = RunText.ArgumentsOf(call),
            };
            var index = _output.Count + _calls.Count;
            _calls.Add(item);
            events.AddRange(
            [
                new()
                {
                    Type = "response.output_item.added",
                    OutputIndex = index,
                    Item = item with { Status = ResponseStatus.InProgress, Arguments = "" },
                },
                new() { Type = "response.function_call_arguments.delta", ItemId = item.Id, OutputIndex = index, Delta = item.Arguments },
                new()
                {
                    Type = "response.function_call_arguments.done",
                    ItemId = item.Id,
                    OutputIndex = index,
                    Name = item.Name,
                    Arguments = item.Arguments,
                },
                new() { Type = "response.output_item.done", OutputIndex = index, Item = item },
            ]);
        }

        (_status, _endedAt) = (ResponseStatus.Completed, _asked.Timestamp);
        events.Add(new() { Type = "response.completed", Response = Response });
        return Number(_asked, events);
    }

    private List<ResponseEvent> Number(in RunEvent runEvent, List<ResponseEvent> made)
    {
        var first = (runEvent.Position.After.Value - queued.Value) * NumbersPerEntry;
        for (var index = 0; index < made.Count; index++)
        {
            _last = Math.Max((int)Math.Min(first, int.MaxValue - NumbersPerEntry), _last + 1);
            made[index] = made[index] with { SequenceNumber = _last };
        }

        return made;
    }

    private static ResponseError ErrorOf(OpenAIError error) => new() { Code = error.Code!, Message = error.Message };

    private List<ResponseEvent> Make(in RunEvent runEvent)
    {
        switch (runEvent.Event)
        {
            case RunQueued asked:
                _agent = asked.AgentName;
                return [new() { Type = "response.created", Response = Response }];
            case RunStarted when _status == ResponseStatus.Queued:
                _status = ResponseStatus.InProgress;
                return [new() { Type = "response.in_progress", Response = Response }];
            case StepDelta delta when RunText.IsText(delta):
                return Grow(delta.StepId, delta.StepType == DeltaType.Thought, delta.Delta);
            case ReasoningStep step when RunText.IsThought(step) || RunText.IsAnswer(step):
                return Finish(step);
            case StepSuperseded superseded:
                return TakeBack(superseded.StepIds);
            case RunFinished finished:
                return End(finished, runEvent.Timestamp);
            default:
                return [];
        }
    }

    private List<ResponseEvent> Grow(StepId stepId, bool isThought, string delta)
    {
        List<ResponseEvent> events = [];
        if (Growing(stepId) is not { } item)
        {
            _output.Add(item = new ResponseOutput(stepId, isThought, _output.Count));
            events.AddRange(item.Begin());
        }

        if (delta.Length > 0)
        {
            events.Add(item.Append(delta));
        }

        return events;
    }

    private List<ResponseEvent> Finish(ReasoningStep step)
    {
        List<ResponseEvent> events = [];
        var isThought = step.StepType == StepType.Thought;
        if (Growing(step.StepId) is { } item)
        {
            if (item.IsThought == isThought)
            {
                events.AddRange(item.Finish(isWhole: step.CutOff is not true));
                _isCutOff = !isThought && step.CutOff is true;
                return events;
            }

            // It looked like the other one so far.
            events.AddRange(item.Finish(isWhole: false, isTakenBack: true));
        }

        events.AddRange(Grow(step.StepId, isThought, step.Content));
        events.AddRange(Growing(step.StepId)!.Finish(isWhole: step.CutOff is not true));
        _isCutOff = !isThought && step.CutOff is true;
        return events;
    }

    private List<ResponseEvent> TakeBack(IReadOnlyList<StepId> stepIds)
    {
        List<ResponseEvent> events = [];
        foreach (var item in _output.Where(item => !item.IsTakenBack && stepIds.Contains(item.StepId)))
        {
            if (item.IsDone)
            {
                item.TakeBack();
            }
            else
            {
                events.AddRange(item.Finish(isWhole: false, isTakenBack: true));
            }
        }

        return events;
    }

    private List<ResponseEvent> End(RunFinished finished, DateTimeOffset at)
    {
        List<ResponseEvent> events = [.. _output.Where(item => !item.IsDone).SelectMany(item => item.Finish(isWhole: false))];
        (_end, _endedAt) = (finished, at);
        (_status, var type) = finished.Status switch
        {
            // The clients know no response.cancelled; the response itself says it.
            RunStatus.Cancelled => (ResponseStatus.Cancelled, "response.incomplete"),
            RunStatus.Failed => (ResponseStatus.Failed, "response.failed"),
            _ when _isCutOff => (ResponseStatus.Incomplete, "response.incomplete"),
            _ => (ResponseStatus.Completed, "response.completed"),
        };
        events.Add(new() { Type = type, Response = Response });
        return events;
    }

    private ResponseOutput? Growing(StepId stepId) => _output.Find(item => item.StepId == stepId && !item.IsDone);
}
