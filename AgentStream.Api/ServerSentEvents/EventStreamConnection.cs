using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using AgentStream.Api.Delivery;
using AgentStream.Api.Telemetry;
using AgentStream.Messaging;

namespace AgentStream.Api.ServerSentEvents;

/// <summary>One client of an event stream.</summary>
internal sealed class EventStreamConnection(
    HttpContext context, SessionId sessionId, Cursor position, DeliveryMeter meter, TimeProvider time)
    : ClientConnection(sessionId, position, meter, time)
{
    private readonly PipeWriter _body = context.Response.BodyWriter;

    public override string Wire => "sse";

    public override void Abort() => context.Abort();

    /// <summary>Tells the client how long to wait before it comes back.</summary>
    public Task WriteRetryAsync(TimeSpan pause) => InTurnAsync(async () =>
    {
        Write($"retry: {(long)pause.TotalMilliseconds}\n\n");
        await FlushAsync();
    });

    /// <summary>After this the response may be taken away.</summary>
    public Task EndAsync() => EndWritesAsync();

    protected override bool IsGone(Exception exception) => exception is OperationCanceledException or IOException;

    protected override async ValueTask WriteAsync(OutgoingFrame frame)
    {
        // event: step_delta\nid: 3f2a…:17\ndata: {"seq":17,…}\n\n – the JSON has no line break of its own.
        Write(frame.Position is { } reached
            ? $"event: {frame.Type}\nid: {reached.Epoch}:{reached.After}\ndata: "
            : $"event: {frame.Type}\ndata: ");
        _body.Write(frame.Bytes.Span);
        Write("\n\n");
        await FlushAsync();
    }

    private void Write(string text) => Encoding.UTF8.GetBytes(text, _body);

    // A client that has gone looks like a completed reader here; it is told apart so that the feed ends.
    private async ValueTask FlushAsync()
    {
        var result = await _body.FlushAsync(context.RequestAborted);
        if (result.IsCompleted || result.IsCanceled)
        {
            throw new OperationCanceledException("The client has gone.");
        }
    }
}
