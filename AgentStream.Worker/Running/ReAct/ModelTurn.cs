using System.Runtime.CompilerServices;
using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Models;
using AgentStream.Worker.Running.Checkpoints;
using AgentStream.Worker.Running.Context;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Running.ReAct;

/// <summary>Asks the model for its next reply, again where a reply broke off.</summary>
internal sealed partial class ModelTurn(RunAttempt attempt, Condenser condenser, TimeProvider time, ILogger logger)
{
    /// <summary>
    /// The number of times that a prompt which the model refuses as too long is halved before the run fails: down to an eighth.
    /// </summary>
    private const int MaxHalvings = 3;

    /// <summary>Calls in one reply beyond which it is taken for nonsense rather than for zeal.</summary>
    private const int MaxCalls = 1_000;

    /// <summary>Asks the model for one reply. Ends with a <see cref="LoopEnd"/>, or with the record of a reply that wants tools.</summary>
    public async IAsyncEnumerable<LoopOutput> RunAsync(
        CancellationToken wallTime, CancellationToken stop, [EnumeratorCancellation] CancellationToken abandoned)
    {
        var iteration = attempt.Iteration + 1;
        var options = Options();
        var before = attempt.State.Condensed;
        var (request, halvings, leftOut) = (1, 0, false);
        while (true)
        {
            var messages = PromptBuilder.Build(
                attempt.Run.Agent, attempt.Run.Request, History.MessagesOf(attempt.Run, attempt.State), attempt.State,
                attempt.Run.Attached, attempt.State.Condensed?.ShortenedReplies ?? 0);
            var reply = new ReplyReader(
                attempt.Steps, index => attempt.CallId(iteration, index), iteration, attempt.Run.Model,
                size => UsageEstimator.Estimate(messages, options, size), time);
            Exception? failure = null;
            await using (var stream = attempt.Run.Client.GetStreamingResponseAsync(messages, options, stop).GetAsyncEnumerator(stop))
            {
                while (failure is null)
                {
                    try
                    {
                        if (!await stream.MoveNextAsync())
                        {
                            break;
                        }
                    }
                    catch (Exception exception)
                    {
                        failure = exception;
                        reply.Charge((exception as ModelException)?.Usage);
                        break;
                    }

                    foreach (var output in reply.Read(stream.Current))
                    {
                        yield return output;
                    }

                    if (TooMuch(reply) is { } tooMuch)
                    {
                        yield return CutOff(reply, tooMuch);
                        yield break;
                    }

                    if (stop.IsCancellationRequested)
                    {
                        failure = new OperationCanceledException(stop);
                    }
                }
            }

            abandoned.ThrowIfCancellationRequested();
            if (failure is null
                && (reply.HasText || reply.HasCalls || reply.AnswersInThought || reply.FinishReason == ChatFinishReason.ContentFilter))
            {
                foreach (var output in Complete(reply))
                {
                    yield return output;
                }

                yield break;
            }

            if (IsTooLong(failure) && halvings < MaxHalvings
                && await condenser.MakeRoomAsync(
                    attempt.State, iteration, PromptRefusal.Of(failure, options.MaxOutputTokens), stop) is { } room)
            {
                halvings++;
                LogHalved(iteration, halvings);
                if (TakeBack(reply) is { } begun)
                {
                    yield return begun;
                }

                yield return room;
                abandoned.ThrowIfCancellationRequested();
            }
            else if (LeaveOut(failure, reply, iteration, leftOut) is { } less)
            {
                leftOut = true;
                LogLeftOut(iteration);
                yield return less;
                abandoned.ThrowIfCancellationRequested();
            }
            else if (Ended(reply, failure, request, wallTime) is { } end)
            {
                var isInVain = (halvings > 0 && IsTooLong(failure)) || (leftOut && (IsRefused(failure, reply) || IsAway(failure)));
                yield return isInVain ? TakenBack(end, before) : end;
                yield break;
            }
            else
            {
                request++;
                if (TakeBack(reply) is { } takenBack)
                {
                    yield return takenBack;
                }
            }

            if (attempt.UsedUp)
            {
                yield return attempt.Failed([], null, RunErrors.Tokens(attempt.Limits));
                yield break;
            }
        }
    }

    /// <summary>The reason why no more of the reply is read; <c>null</c>: it may go on.</summary>
    private RunError? TooMuch(ReplyReader reply)
    {
        if (attempt.State.Characters + reply.Characters > attempt.Limits.OutputCharacters)
        {
            return RunErrors.Output(attempt.Limits);
        }

        return reply.Calls > MaxCalls ? RunErrors.TooManyCalls(MaxCalls) : null;
    }

    /// <summary>The end of the run with a reply that is not whole; <c>null</c>: it is asked for again.</summary>
    private LoopEnd? Ended(ReplyReader reply, Exception? failure, int request, CancellationToken wallTime)
    {
        if (attempt.IsCancelled)
        {
            return attempt.Cancelled([.. reply.Close(cutOff: true), .. Cost(reply)], reply.Record(cutOff: true));
        }

        if (wallTime.IsCancellationRequested)
        {
            return CutOff(reply, RunErrors.WallTime(attempt.Limits));
        }

        // Asked again it would think for as long, and be cut off as early.
        var cutByLimit = failure is null && reply.FinishReason == ChatFinishReason.Length;
        var retry = !cutByLimit && failure is null or ModelStreamBrokenException && request < attempt.Limits.ReplyAttempts;
        LogReplyFailed(failure, attempt.Iteration + 1, request, retry);
        if (retry)
        {
            return null;
        }

        return CutOff(reply, cutByLimit ? RunErrors.NoRoomForAnswer() : RunErrors.From(failure));
    }

    /// <summary>
    /// The prompt is longer than the model can take in, or leaves it no room: there are servers that find that only while they write.
    /// </summary>
    private static bool IsTooLong(Exception? failure) => failure is ModelException { Code: ModelErrorCode.ContextOverflow };

    /// <summary>
    /// The model's server will have nothing of this prompt, whatever the reason: that of an earlier message that stands in it, perhaps.
    /// </summary>
    private static bool IsRefused(Exception? failure, ReplyReader reply)
        => failure is ModelException { Code: ModelErrorCode.Refused or ModelErrorCode.ContentFilter } and not ModelStreamBrokenException
            && !reply.HasCost;

    /// <summary>Leaves out what keeps the server from answering.</summary>
    /// <returns><c>null</c>: there is nothing, or the conversation is not the reason.</returns>
    private LoopCommit? LeaveOut(Exception? failure, ReplyReader reply, int iteration, bool leftOut)
    {
        if (IsRefused(failure, reply))
        {
            return condenser.LeaveOutRefused(attempt.State, iteration, all: leftOut);
        }

        return IsFault(failure, reply) ? condenser.LeaveOutFailed(attempt.State, iteration, all: leftOut) : null;
    }

    /// <summary>The server itself failed on this prompt, in spite of all retries.</summary>
    private static bool IsFault(Exception? failure, ReplyReader reply)
        => failure is ModelException { IsServerFault: true } and not ModelStreamBrokenException && !reply.HasCost;

    private static bool IsAway(Exception? failure) => failure is ModelException { Code: ModelErrorCode.Unavailable };

    /// <summary>A turn that was left out without success is not lost to later runs; only the lesson is kept.</summary>
    private LoopEnd TakenBack(LoopEnd end, HistoryCondensed? before)
    {
        var history = (before ?? History.Of(attempt.Run.Request.History is null ? attempt.Run.Turns : [], new RunState()).Condensed) with
        {
            Window = attempt.State.Condensed?.Window,
            Usage = null,
        };
        return end with { Record = end.Record is { } record ? new RecordsTogether([record, history]) : history };
    }

    /// <summary>Takes back what was shown of a reply that broke off, and counts what it cost; <c>null</c>: it had neither.</summary>
    private LoopCommit? TakeBack(ReplyReader reply)
    {
        List<SessionEvent> events = [];
        if (reply.Shown.Count > 0)
        {
            events.Add(new StepSuperseded { StepIds = reply.Shown, Reason = SupersededReason.Retried });
        }

        ReplyWasted? wasted = null;
        if (reply.HasCost)
        {
            wasted = reply.Wasted();
            attempt.State.Apply(wasted);
            events.Add(reply.Usage());
        }

        return events.Count > 0 ? new LoopCommit(events, wasted) : null;
    }

    /// <summary>The run fails, and keeps what the reply came to.</summary>
    private LoopEnd CutOff(ReplyReader reply, RunError error)
        => attempt.Failed([.. reply.Close(cutOff: true), .. Cost(reply)], reply.Record(cutOff: true), error);

    private static IEnumerable<SessionEvent> Cost(ReplyReader reply) => reply.HasCost ? [reply.Usage()] : [];

    /// <summary>A whole reply: the answer, or tool calls.</summary>
    private IEnumerable<LoopOutput> Complete(ReplyReader reply)
    {
        var cutByLimit = reply.FinishReason == ChatFinishReason.Length;
        if (reply.FinishReason == ChatFinishReason.ContentFilter)
        {
            yield return CutOff(reply, RunErrors.ContentFilter());
            yield break;
        }

        if (cutByLimit && reply.HasCalls)
        {
            // Where the reply ended early nobody knows whether its last call is whole: none of them is called.
            yield return CutOff(reply, RunErrors.NoRoomForAnswer());
            yield break;
        }

        var record = reply.Record();
        if (record.Calls.Count == 0)
        {
            // The model's own limit on a reply: what there is is the answer, and it says that it ends early.
            record = record with { CutOff = cutByLimit };
            yield return attempt.End([.. reply.Close(cutByLimit), reply.Usage()], record, RunStatus.Completed);
            yield break;
        }

        attempt.State.Apply(record);
        yield return new LoopCommit([.. reply.Close(), reply.Usage()], record) { MayBeHandedBack = true };
    }

    private ChatOptions Options()
    {
        var options = new ChatOptions
        {
            ConversationId = null,
            ModelId = attempt.Run.ModelId,
            Temperature = (float?)attempt.Run.Request.Temperature,
            MaxOutputTokens = attempt.Run.Request.MaxTokens,
        };
        if (attempt.Run.Agent.Tools.Count > 0)
        {
            options.Tools = [.. attempt.Run.Agent.Tools.Select(tool => tool.Function)];
        }

        return options;
    }

    [LoggerMessage(
        LogLevel.Warning,
        "The prompt of reply {Iteration} is longer than the model can take in; it is asked again with half of it ({Halvings})")]
    private partial void LogHalved(int iteration, int halvings);

    [LoggerMessage(
        LogLevel.Warning,
        "The prompt of reply {Iteration} was refused, as earlier ones of the session; it is asked again without what may be the reason")]
    private partial void LogLeftOut(int iteration);

    [LoggerMessage(LogLevel.Warning, "Reply {Iteration}, attempt {Attempt}, failed; asked for again: {Retry}")]
    private partial void LogReplyFailed(Exception? exception, int iteration, int attempt, bool retry);
}
