using System.Buffers;

namespace AgentStream.Worker.Models.Wire.Replies;

/// <summary>
/// Reads a server's stream and gives out the same reply as standard events, each as soon as it is complete.
/// It ends well only if the reply did: with the reason why it ended, or with <c>[DONE]</c>;
/// otherwise reading throws <see cref="WireException"/>, since a stream that is cut looks just like one that has ended.
/// </summary>
internal sealed class ReplyStream(Stream source, IReplyProtocol protocol) : Stream
{
    private readonly byte[] _read = new byte[16 * 1024];
    private readonly ReplyLines _lines = new();
    private readonly ReplyEvents _events = new(protocol);
    private ReadOnlyMemory<byte> _ready;
    private bool _ended;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_ready.IsEmpty && !_ended)
        {
            await FillAsync(cancellationToken);
        }

        var length = Math.Min(buffer.Length, _ready.Length);
        _ready[..length].CopyTo(buffer);
        _ready = _ready[length..];
        return length;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Replies are read asynchronously.");

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await source.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        var length = await ReadSourceAsync(cancellationToken);
        var output = new ArrayBufferWriter<byte>();
        foreach (var line in length > 0 ? _lines.Add(_read.AsMemory(0, length)) : _lines.End())
        {
            _events.Add(line, output);
        }

        if (length == 0 && !_events.IsDone)
        {
            _events.End(output);
        }

        // What comes after [DONE] is none of the reply.
        _ended = length == 0 || _events.IsDone;
        _ready = output.WrittenMemory;
    }

    private async Task<int> ReadSourceAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await source.ReadAsync(_read, cancellationToken);
        }
        catch (IOException) when (_events.IsFinished)
        {
            // The reply was complete; only the end mark is missing.
            return 0;
        }
        catch (IOException lost)
        {
            throw new WireException(WireProblem.CutOff, "The connection was lost in mid-reply.", lost);
        }
    }
}
