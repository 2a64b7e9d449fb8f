using System.IO.Pipelines;
using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Delivery;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.Runs;

/// <summary>
/// One client of a wire of others: it takes its session's entries as all clients do, and gets what is made of those of its run.
/// </summary>
/// <param name="body">Where to it is written. A reader that was completed is a client that has gone.</param>
/// <param name="abort">Cuts the client off.</param>
/// <param name="opening">The beginning.</param>
/// <param name="reading">What it follows.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
/// <param name="gone">Says that the client has gone.</param>
internal sealed class WireConnection(
    PipeWriter body, Action abort, Opening opening, RunReading reading, TimeProvider time, ILogger logger, CancellationToken gone)
    : ClientConnection(opening, time, logger)
{
    private static readonly Refusal GoingAway = new(
        ErrorCodes.ShuttingDown, "This server restarts and the run goes on: connect again to follow it.");

    private static readonly Refusal Failed = new(
        ErrorCodes.InternalError, "Something went wrong in the server, and its log says what: connect again in a little while.");

    private static readonly Refusal Gone = new(
        ErrorCodes.SessionNotFound, "The run is not there any more: its session was erased, or has gone on too far since.");

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile Refusal? _why;
    private volatile bool _isCut;
    private bool _isUnsettled;

    public override Wire Wire => Wire.Entries;

    /// <summary>Serves the client until its run is over, or one of the two goes.</summary>
    public async Task RunAsync()
    {
        await using var leaving = gone.UnsafeRegister(static state => ((WireConnection)state!).Leave(), this);
        try
        {
            reading.Translation.Begin(body);
            if (reading.Translation.IsOver)
            {
                await WriteAsync(default(ReadOnlyMemory<byte>));
                return;
            }

            await BeginAsync();
            await _ended.Task;
        }
        catch (Exception exception) when (IsGone(exception))
        {
            // There is nobody to tell.
            _isCut = true;
        }

        await EndWritesAsync();
        await BreakAsync();
    }

    public override void Abort()
    {
        _isCut = true;
        abort();
        _ended.TrySetResult();
    }

    public override void End(Ending ending)
        => End(ending switch
        {
            Ending.GoingAway => GoingAway,
            Ending.Forbidden => CallerRefusals.NoSuchSession,
            Ending.SignedOut => CallerRefusals.Unauthenticated,
            _ => Failed,
        });

    protected override bool IsGone(Exception exception) => exception is OperationCanceledException or IOException;

    protected override ValueTask WriteAsync(Portion portion)
    {
        if (reading.Translation.IsOver)
        {
            return ValueTask.CompletedTask;
        }

        var events = portion.Snapshot is { } snapshot ? reading.Fold.Take(snapshot)
            : portion.Reached is { Epoch: { } epoch } ? reading.Fold.Take(epoch, portion.Ends)
            : [];
        if (events is null)
        {
            End(Gone);
            return ValueTask.CompletedTask;
        }

        foreach (var runEvent in events)
        {
            if (!reading.Translation.IsOver)
            {
                reading.Translation.Write(runEvent, body);
            }
        }

        _isUnsettled |= events.Count > 0;
        if (_isUnsettled && !reading.Translation.IsOver && portion.Reached?.After >= Newest)
        {
            _isUnsettled = false;
            reading.Translation.Pause(body);
        }

        if (portion.IsHeartbeat)
        {
            reading.Translation.Beat(body);
        }

        if (reading.Translation.IsOver)
        {
            End(why: null);
        }

        return body.UnflushedBytes > 0 ? WriteAsync(default(ReadOnlyMemory<byte>)) : ValueTask.CompletedTask;
    }

    protected override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        var write = bytes.IsEmpty ? body.FlushAsync(CancellationToken.None) : body.WriteAsync(bytes, CancellationToken.None);
        if (!write.IsCompletedSuccessfully)
        {
            return AwaitAsync(write);
        }

        Check(write.Result);
        return ValueTask.CompletedTask;
    }

    private static async ValueTask AwaitAsync(ValueTask<FlushResult> write) => Check(await write);

    // A client that has gone looks like a completed reader here.
    private static void Check(FlushResult result)
    {
        if (result.IsCompleted || result.IsCanceled)
        {
            throw new OperationCanceledException("The client has gone.");
        }
    }

    private void Leave()
    {
        _isCut = true;
        _ended.TrySetResult();
    }

    private void End(Refusal? why)
    {
        if (TryBeginEnd())
        {
            _why = why;
            _ended.TrySetResult();
        }
    }

    // Nobody else writes any more.
    private async Task BreakAsync()
    {
        if (_isCut || reading.Translation.IsOver || _why is not { } why)
        {
            return;
        }

        try
        {
            reading.Translation.Break(why, body);
            await WriteAsync(default(ReadOnlyMemory<byte>));
        }
        catch (Exception exception) when (IsGone(exception))
        {
            // There is nobody to tell.
        }
    }
}
