using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using AgentStream.Api.Delivery;
using AgentStream.Messaging;
using AgentStream.Tests.Simulation.Engine;
using AgentStream.Tests.Simulation.Judging;

namespace AgentStream.Tests.Simulation.Clients;

/// <summary>
/// A client written from docs/protocol.md alone, for <c>agentstream.v1</c>: what comes over the wire is judged as it came.
/// </summary>
internal sealed class PageClient(SimProcess process, Cluster cluster, Judge judge, string session, bool fromStart)
    : SimClient(process, cluster, judge, session)
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(25);
    private readonly Dictionary<string, byte[]> _outbox = new(StringComparer.Ordinal);
    private (string Epoch, long Seq)? _cursor;
    private bool _forgets;
    private WebSocket? _open;
    private long _heardAt;

    public override async Task RunAsync()
    {
        while (true)
        {
            try
            {
                await ServeAsync();
            }
            catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException
                or HttpRequestException or ObjectDisposedException)
            {
                // Comes back.
            }

            (_open, Socket) = (null, null);
            await Task.Delay(Process.World.Draws.Time($"back/{Process.Name}", 100, 2_000), Process.Clock);
        }
    }

    public override Task CancelAsync() => TrySendAsync("""{"type":"cancel","payload":{}}"""u8.ToArray());

    public override bool Forget()
    {
        _forgets = true;
        return Break();
    }

    protected override Task SendAsync(string id, string message, string onBusy)
    {
        var frame = _outbox[id] = Encoding.UTF8.GetBytes(
            $$$"""{"type":"chat","payload":{"message":"{{{message}}}","message_id":"{{{id}}}","on_busy":"{{{onBusy}}}"}}""");
        return TrySendAsync(frame);
    }

    protected override Task AnswerAsync(string run, string call, bool approved)
        => TrySendAsync(Encoding.UTF8.GetBytes(
            $$$"""{"type":"tool_approval","payload":{"run_id":"{{{run}}}","tool_call_id":"{{{call}}}","approved":{{{(approved ? "true" : "false")}}}}}"""));

    private async Task ServeAsync()
    {
        if (_forgets)
        {
            (_cursor, _forgets) = (null, false);
            Witness.Restart();
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10), Process.Clock);
        var query = _cursor is { } cursor ? $"?after={cursor.Seq}&epoch={cursor.Epoch}" : fromStart ? "?after=0" : "";
        var (status, socket) = await Cluster.ConnectAsync(Process, SessionId.Parse(Session), query, Wire.WebSocket, patience.Token);
        if (status != 101)
        {
            throw new HttpRequestException($"{status}");
        }

        Socket = socket;
        using var client = WebSocket.CreateFromStream(socket!.ClientStream, isServer: false, null, Timeout.InfiniteTimeSpan);
        _open = client;
        _heardAt = Process.Clock.GetTimestamp();
        await using var watch = Process.Clock.CreateTimer(_ => Watch(client), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));
        var buffer = new byte[1 << 20];
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await client.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                length += part.Count;
            }
            while (!part.EndOfMessage);
            _heardAt = Process.Clock.GetTimestamp();
            if (part.MessageType == WebSocketMessageType.Close)
            {
                await client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                return;
            }

            using var frame = JsonDocument.Parse(buffer.AsMemory(0, length));
            await TakeAsync(frame.RootElement);
            if (Slowness > TimeSpan.Zero)
            {
                await Task.Delay(Slowness, Process.Clock);
            }
        }
    }

    private async Task TakeAsync(JsonElement frame)
    {
        var type = Seen.Field(frame, "type");
        var data = frame.GetProperty("data");
        if (frame.TryGetProperty("seq", out _))
        {
            var seen = Seen.Of(frame);
            Witness.Entry(seen);
            _cursor = (_cursor?.Epoch ?? "", seen.Seq);
            if (type == "run_queued")
            {
                _outbox.Remove(seen.Key);
            }
            else if (type == "tool_approval_required")
            {
                Consider(seen.Run, seen.Key);
            }

            return;
        }

        switch (type)
        {
            case "connected":
                if (data.GetProperty("resumed").GetBoolean())
                {
                    _cursor = (Seen.Field(data, "epoch"), _cursor?.Seq ?? 0);
                    await SendAllAsync();
                }

                break;
            case "snapshot" or "resync":
                var view = View.Of(data);
                Witness.Snapshot(view, Seen.Field(data, "reason"));
                _cursor = (Seen.Field(data, "epoch"), view.Seq);
                foreach (var run in view.Runs)
                {
                    _outbox.Remove(run.MessageId);
                }

                if (data.TryGetProperty("active_run", out var active))
                {
                    foreach (var pending in active.GetProperty("pending_approvals").EnumerateArray())
                    {
                        Consider(Seen.Field(active, "run_id"), Seen.Field(pending, "tool_call_id"));
                    }
                }

                await SendAllAsync();
                break;
            case "accepted":
                Witness.Accepted(Seen.Field(data, "message_id"), Seen.Field(data, "run_id"));
                _outbox.Remove(Seen.Field(data, "message_id"));
                break;
            case "heartbeat":
                if (data.GetProperty("last_seq").GetInt64() is var last && last > (_cursor?.Seq ?? long.MaxValue))
                {
                    Process.World.Schedule(Process, TimeSpan.FromSeconds(5), () => Compare(last));
                }

                break;
            case "error":
                TakeError(Seen.Field(data, "code"), Seen.Field(data, "message_id"));
                break;
            default:
                break;
        }
    }

    private void TakeError(string code, string messageId)
    {
        if (code is "store_unavailable" or "internal_error" or "shutting_down")
        {
            Process.World.Schedule(Process, TimeSpan.FromSeconds(2), () => Process.World.Begin(SendAllAsync()));
        }
        else if (_outbox.Remove(messageId))
        {
            Refused(messageId);
        }
    }

    // A heartbeat that is ahead for longer than a moment: something was missed.
    private void Compare(long last)
    {
        if (last > (_cursor?.Seq ?? long.MaxValue))
        {
            Break();
        }
    }

    private void Watch(WebSocket client)
    {
        if (Process.Clock.GetElapsedTime(_heardAt) > Silence)
        {
            client.Abort();
        }
    }

    private async Task SendAllAsync()
    {
        foreach (var frame in _outbox.Values.ToList())
        {
            await TrySendAsync(frame);
        }
    }

    private async Task TrySendAsync(byte[] frame)
    {
        try
        {
            if (_open is { State: WebSocketState.Open } open)
            {
                await open.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException
            or ObjectDisposedException or InvalidOperationException)
        {
            // What was not answered is sent again over the next connection.
        }
    }
}
