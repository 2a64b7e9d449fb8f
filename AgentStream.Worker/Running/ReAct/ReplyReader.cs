using System.Text;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Models;
using AgentStream.Worker.Models.Pipeline;
using AgentStream.Worker.Running.Calls;
using AgentStream.Worker.Running.Checkpoints;
using AgentStream.Worker.Tools.Arguments;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Running.ReAct;

/// <summary>Reads one streamed reply: text and thoughts go out as they come, tool calls wait until the reply is whole.</summary>
/// <param name="steps">Makes its steps.</param>
/// <param name="callId">Names its calls, counted from 0.</param>
/// <param name="iteration">The number of the reply.</param>
/// <param name="model">The model that is asked, as people see it.</param>
/// <param name="estimate">
/// What a reply of this size (<see cref="UsageEstimator.SizeOf(string)"/>) costs with its prompt,
/// where the provider did not come to say it.
/// </param>
/// <param name="time">The clock.</param>
internal sealed class ReplyReader(
    StepFactory steps, Func<int, ToolCallId> callId, int iteration, string model, Func<long, UsageDetails> estimate, TimeProvider time)
{
    private readonly long _askedAt = time.GetTimestamp();
    private readonly List<StepId> _shown = [];
    private readonly List<FunctionCallContent> _calls = [];
    private readonly List<UsageContent> _usage = [];
    private readonly List<RecordedThought> _opaque = [];
    private readonly Dictionary<string, (RecordedCall Call, long StartedAt)> _own = new(StringComparer.Ordinal);
    private int _ownCalls;
    private string _model = model;
    private long _size;
    private OpenText? _thought;
    private OpenText? _text;
    private long? _firstTokenAt;

    /// <summary>Characters written so far, thoughts included.</summary>
    public int Characters { get; private set; }

    public ChatFinishReason? FinishReason { get; private set; }

    /// <summary>The model has written text, not only thoughts.</summary>
    public bool HasText => _text is not null;

    public bool HasCalls => _calls.Count > 0;

    /// <summary>The model has said that it is done, and all that it wrote are thoughts: they are its answer.</summary>
    public bool AnswersInThought => FinishReason == ChatFinishReason.Stop
        && _text is null
        && !HasCalls
        && _thought is { } thought
        && !string.IsNullOrWhiteSpace(thought.Content.ToString());

    /// <summary>The model has spent tokens on thoughts.</summary>
    public bool HasThought { get; private set; }

    /// <summary>Calls that the model wants made, whole ones.</summary>
    public int Calls => _calls.Count;

    /// <summary>The model wrote something, or its provider counted something: the reply has cost something.</summary>
    public bool HasCost => Characters > 0 || _usage.Count > 0;

    /// <summary>The steps of this reply that stand in the log, finished or not.</summary>
    public IReadOnlyList<StepId> Shown => _shown;

    public IEnumerable<LoopOutput> Read(ChatResponseUpdate update)
    {
        FinishReason = update.FinishReason ?? FinishReason;
        _model = AnsweringModel.Of(update) ?? _model;
        foreach (var content in update.Contents)
        {
            switch (content)
            {
                case TextReasoningContent { Text.Length: > 0 } thought:
                    foreach (var output in Append(DeltaType.Thought, thought.Text))
                    {
                        yield return output;
                    }

                    break;
                case TextContent { Text.Length: > 0 } text:
                    foreach (var output in Append(DeltaType.Answer, text.Text))
                    {
                        yield return output;
                    }

                    break;
                case TextReasoningContent when OpaqueThought.TryRead(content, out var origin, out var data):
                    _opaque.Add(new RecordedThought(origin, data, _text?.Content.Length ?? 0));
                    break;
                case ModelNotice notice:
                    var said = steps.NextId();
                    _shown.Add(said);
                    yield return new LoopCommit([steps.Text(said, StepType.Thought, notice.Text, iteration, TimeSpan.Zero)]);
                    break;
                case AgentsOwnCall own:
                    yield return Show(own);
                    break;
                case AgentsOwnResult own when Show(own) is { } result:
                    yield return result;
                    break;
                case FunctionCallContent call:
                    _firstTokenAt ??= time.GetTimestamp();
                    Characters += call.Name.Length + ToolCallText.ArgumentsOf(call).Length;
                    _size += UsageEstimator.SizeOf(call);
                    _calls.Add(call);
                    break;
                case UsageContent usage:
                    _usage.Add(usage);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Counts what a reply cost that nothing came of.</summary>
    public void Charge(UsageDetails? usage)
    {
        if (usage is not null)
        {
            _usage.Add(new UsageContent(usage));
        }
    }

    /// <summary>
    /// Finishes what is still open. Only now it is known what the text was: the answer, or, before a tool call, a thought.
    /// </summary>
    public IEnumerable<ReasoningStep> Close(bool cutOff = false)
    {
        if (_thought is { } thought)
        {
            var isAnswer = !cutOff && AnswersInThought;
            _thought = null;
            yield return Finish(thought, isAnswer ? StepType.FinalAnswer : StepType.Thought, cutOff);
        }

        if (_text is { } text)
        {
            var isAnswer = cutOff || _calls.Count == 0;
            yield return Finish(text, isAnswer ? StepType.FinalAnswer : StepType.Thought, cutOff);
        }
    }

    public UsageReported Usage() => UsageReported.Of(TokenUsage(), iteration, _shown.Count > 0 ? _shown[^1] : null);

    /// <summary>Collects what is left of a reply that is asked for again.</summary>
    public ReplyWasted Wasted() => new(TokenUsage(), Characters);

    public ReplyRecorded Record(bool cutOff = false)
    {
        var usage = TokenUsage();
        return new ReplyRecorded
        {
            Iteration = iteration,
            Text = _text?.Content.ToString() ?? (!cutOff && AnswersInThought ? _thought!.Content.ToString() : ""),
            // What the model wanted when it was cut off was never a whole reply: none of it is called.
            Calls = cutOff
                ? []
                : [.. _calls.Select((call, index) =>
                    new RecordedCall(callId(index), call.CallId, call.Name, ToolCallText.ArgumentsOf(call)))],
            Usage = usage,
            CutOff = cutOff,
            Characters = Characters,
            PromptTokens = usage.Estimated ? null : estimate(0).InputTokenCount,
            Thoughts = cutOff || _opaque.Count == 0 ? null : [.. _opaque],
            Origin = cutOff || _calls.Count == 0 ? null : ReplyOrigin.Of(_calls[0]),
        };
    }

    /// <summary>A thought ends where text begins. The text of a reply is one step, also where thoughts stand between its parts.</summary>
    private IEnumerable<LoopOutput> Append(DeltaType type, string text)
    {
        _firstTokenAt ??= time.GetTimestamp();
        Characters += text.Length;
        _size += UsageEstimator.SizeOf(text);
        HasThought |= type == DeltaType.Thought;
        if (type == DeltaType.Answer && _thought is { } thought)
        {
            _thought = null;
            yield return new LoopCommit([Finish(thought, StepType.Thought, cutOff: false)]);
        }

        var open = type == DeltaType.Answer ? _text ??= Open() : _thought ??= Open();
        open.Content.Append(text);
        yield return new LoopDelta(steps.Delta(open.Id, type, text, iteration));
    }

    /// <summary>A call that the agent makes itself. What it wrote before is a thought, as before any call.</summary>
    private LoopCommit Show(AgentsOwnCall own)
    {
        _firstTokenAt ??= time.GetTimestamp();
        Characters += own.Name.Length + own.Arguments.Length;
        List<SessionEvent> events = [];
        foreach (var open in new[] { _thought, _text }.OfType<OpenText>())
        {
            events.Add(Finish(open, StepType.Thought, cutOff: false));
        }

        (_thought, _text) = (null, null);
        var call = new RecordedCall(callId(_ownCalls++), own.Id, own.Name, own.Arguments);
        _own[own.Id] = (call, time.GetTimestamp());
        var use = steps.ToolUse(call, iteration);
        _shown.Add(use.StepId);
        return new LoopCommit([.. events, use]);
    }

    /// <summary>The result of such a call; <c>null</c>: nobody saw the call.</summary>
    private LoopCommit? Show(AgentsOwnResult own)
    {
        if (!_own.Remove(own.Id, out var known))
        {
            return null;
        }

        var result = steps.ToolResult(
            known.Call, iteration, new ToolOutcome(own.Text, time.GetElapsedTime(known.StartedAt)) { IsError = own.IsError });
        _shown.Add(result.StepId);
        return new LoopCommit([result]);
    }

    private OpenText Open()
    {
        var open = new OpenText(steps.NextId(), new StringBuilder(), time.GetTimestamp());
        _shown.Add(open.Id);
        return open;
    }

    private ReasoningStep Finish(OpenText open, StepType type, bool cutOff)
        => steps.Text(open.Id, type, open.Content.ToString(), iteration, time.GetElapsedTime(open.StartedAt), cutOff);

    private TokenUsage TokenUsage()
    {
        if (_usage.Count == 0 && Characters > 0)
        {
            // The provider says at the end what a reply cost, and this one had none.
            _usage.Add(new UsageContent(estimate(_size)));
        }

        var input = Sum(details => details.InputTokenCount) ?? 0;
        var output = Sum(details => details.OutputTokenCount) ?? 0;
        var writing = _firstTokenAt is { } first ? time.GetElapsedTime(first) : TimeSpan.Zero;
        return new TokenUsage
        {
            InputTokens = input,
            OutputTokens = output,
            TotalTokens = Sum(details => details.TotalTokenCount) ?? input + output,
            ReasoningTokens = Sum(details => details.ReasoningTokenCount),
            CachedTokens = Sum(details => details.CachedInputTokenCount),
            Estimated = _usage.Count == 0 || _usage.Any(UsageEstimator.IsEstimated),
            TimeToFirstTokenMs = _firstTokenAt is { } at ? Math.Round(time.GetElapsedTime(_askedAt, at).TotalMilliseconds, 1) : null,
            TokensPerSecond = output > 0 && writing > TimeSpan.Zero ? Math.Round(output / writing.TotalSeconds, 2) : null,
            Model = _model,
        };
    }

    private long? Sum(Func<UsageDetails, long?> value)
    {
        var given = _usage.Select(usage => value(usage.Details)).OfType<long>().ToList();
        return given.Count == 0 ? null : given.Sum();
    }

    private sealed record OpenText(StepId Id, StringBuilder Content, long StartedAt);
}
