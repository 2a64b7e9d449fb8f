using System.IO.Pipelines;
using System.Text;
using AgentStream.Api.Delivery;

namespace AgentStream.Api.ServerSentEvents;

/// <summary>One client of an event stream.</summary>
internal sealed class EventStreamConnection(
    HttpContext context, Opening opening, Func<TimeSpan> comeBackIn, TimeProvider time, ILogger logger)
    : ClientConnection(opening, time, logger)
{
    private readonly PipeWriter _body = context.Response.BodyWriter;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile bool _comesBack;

    public override Wire Wire => Wire.EventStream;

    /// <summary>Serves the client until it goes or has to go.</summary>
    /// <param name="retry">The pause after which it shall come back when the stream breaks off.</param>
    public async Task RunAsync(TimeSpan retry)
    {
        await using var gone = context.RequestAborted.UnsafeRegister(
            static ended => ((TaskCompletionSource)ended!).TrySetResult(), _ended);
        try
        {
            await WriteAsync(Retry(retry));
            await BeginAsync();
            await _ended.Task;
            if (_comesBack)
            {
                await SendAsync(Retry(comeBackIn()), isLast: true);
            }
        }
        catch (Exception exception) when (IsGone(exception))
        {
            // There is nobody to tell.
        }

        await EndWritesAsync();
    }

    public override void Abort()
    {
        context.Abort();
        _ended.TrySetResult();
    }

    public override void End(Ending ending)
    {
        // Where it may not read any more, or something failed, the stream ends without a word: coming back says the rest.
        if (TryBeginEnd())
        {
            _comesBack = ending == Ending.GoingAway;
            _ended.TrySetResult();
        }
    }

    protected override bool IsGone(Exception exception) => exception is OperationCanceledException or IOException;

    protected override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        var write = _body.WriteAsync(bytes, CancellationToken.None);
        if (!write.IsCompletedSuccessfully)
        {
            return AwaitAsync(write);
        }

        Check(write.Result);
        return ValueTask.CompletedTask;
    }

    private static ReadOnlyMemory<byte> Retry(TimeSpan pause) => Encoding.UTF8.GetBytes($"retry: {(long)pause.TotalMilliseconds}\n\n");

    private static async ValueTask AwaitAsync(ValueTask<FlushResult> write) => Check(await write);

    // A client that has gone looks like a completed reader here.
    private static void Check(FlushResult result)
    {
        if (result.IsCompleted || result.IsCanceled)
        {
            throw new OperationCanceledException("The client has gone.");
        }
    }
}
