using System.Text;

namespace AgentStream.Benchmarks.Load;

/// <summary>
/// Says what a viewer sends on its socket, and which of the frames that it gets are counted. One for each kind of server.
/// </summary>
/// <param name="path">The path of the socket.</param>
internal abstract class ViewerProtocol(string path)
{
    public string Path => path;

    /// <summary>The sub-protocol to ask for; null: none.</summary>
    public virtual string? SubProtocol => null;

    /// <summary>Says who asks; null: nobody does.</summary>
    public virtual string? Authorization => null;

    /// <summary>The frames to send as soon as the socket is open.</summary>
    public virtual IReadOnlyList<byte[]> Hello => [];

    /// <summary>Whether the upgrade says already that from now on everything is delivered.</summary>
    public virtual bool IsJoinedByUpgrade => false;

    /// <summary>Tells whether the frame says that from now on everything is delivered.</summary>
    public abstract bool IsJoined(ReadOnlySpan<byte> frame);

    /// <summary>Gets the answer that a frame asks for; null: none.</summary>
    public virtual byte[]? Answer(ReadOnlySpan<byte> frame) => null;

    /// <summary>Tells whether the tokens of this frame count.</summary>
    public virtual bool Counts(ReadOnlySpan<byte> frame) => true;

    protected static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}

/// <summary>AgentStream's own: only deltas count, since the finished step brings the whole text once more.</summary>
/// <param name="session">The session.</param>
/// <param name="cursor">Where it goes on, as a query; empty: nowhere, a snapshot comes first.</param>
/// <param name="token">What says who asks; null: nobody does.</param>
internal class AgentStreamViewer(string session, string cursor = "", string? token = null)
    : ViewerProtocol($"/ws/chat/{session}{cursor}")
{
    public override string? Authorization => token;

    // A build that does not know it speaks the first form: the same deltas, longer.
    public override string? SubProtocol => "agentstream.v2";

    public override bool IsJoined(ReadOnlySpan<byte> frame) => frame.IndexOf("\"type\":\"snapshot\""u8) >= 0;

    public override bool Counts(ReadOnlySpan<byte> frame)
        => frame[..Math.Min(frame.Length, 100)] is var head
            && (head.IndexOf("\"type\":\"step_delta\""u8) >= 0 || head.IndexOf("\"type\":"u8) < 0);
}

/// <summary>A relay that sends everything to everybody, after a first frame <c>joined</c>.</summary>
internal sealed class RelayViewer() : ViewerProtocol("/")
{
    public override bool IsJoined(ReadOnlySpan<byte> frame) => frame.SequenceEqual("joined"u8);
}

/// <summary>socket.io over its own framing (Engine.IO 4), without its client library.</summary>
/// <param name="session">The room.</param>
internal sealed class SocketIOViewer(string session) : ViewerProtocol($"/socket.io/?EIO=4&transport=websocket&room={session}")
{
    private static readonly byte[] Pong = Text("3");

    public override IReadOnlyList<byte[]> Hello { get; } = [Text("40")];

    public override bool IsJoined(ReadOnlySpan<byte> frame) => frame.StartsWith("42[\"joined\""u8);

    public override byte[]? Answer(ReadOnlySpan<byte> frame) => frame.SequenceEqual("2"u8) ? Pong : null;
}

/// <summary>NATS over its WebSocket port, in memory.</summary>
internal sealed class NatsViewer() : ViewerProtocol("/")
{
    private static readonly byte[] Pong = Text("PONG\r\n");

    public override IReadOnlyList<byte[]> Hello { get; } =
        [Text("CONNECT {\"verbose\":false,\"pedantic\":false}\r\nSUB room 1\r\nPING\r\n")];

    public override bool IsJoined(ReadOnlySpan<byte> frame) => frame.IndexOf("PONG"u8) >= 0;

    public override byte[]? Answer(ReadOnlySpan<byte> frame) => frame.StartsWith("PING"u8) ? Pong : null;
}

/// <summary>nchan's plain WebSocket: nothing but messages.</summary>
internal sealed class NchanViewer() : ViewerProtocol("/")
{
    public override bool IsJoinedByUpgrade => true;

    public override bool IsJoined(ReadOnlySpan<byte> frame) => true;
}

/// <summary>SignalR's JSON protocol without its client library.</summary>
internal sealed class SignalRViewer() : ViewerProtocol("/hub")
{
    public override IReadOnlyList<byte[]> Hello { get; } = [Text("{\"protocol\":\"json\",\"version\":1}\u001e")];

    public override bool IsJoined(ReadOnlySpan<byte> frame) => frame.StartsWith("{}"u8);
}
