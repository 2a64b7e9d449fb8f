using System.Buffers;
using System.IO.Pipelines;

namespace AgentStream.Tests.Simulation.Engine;

/// <summary>
/// A connection of a client with a server, as TCP is one: bytes come in order or not at all, late where the way is cut,
/// and no faster than they are taken.
/// </summary>
internal sealed class SimSocket : IDuplexPipe
{
    private const int Buffered = 16 * 1024;
    private const int Segment = 1400;
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(200);

    private readonly SimWorld _world;
    private readonly SimProcess _client;
    private readonly SimProcess _server;
    private readonly Pipe _fromClient = NewPipe();
    private readonly Pipe _toServer = NewPipe();
    private readonly Pipe _fromServer = NewPipe();
    private readonly Pipe _toClient = NewPipe();
    private bool _isBroken;

    public SimSocket(SimProcess client, SimProcess server)
    {
        (_world, _client, _server) = (client.World, client, server);
        ClientStream = new DuplexStream(_world, _toClient.Reader, _fromClient.Writer.AsStream());
        _world.Begin(PumpAsync(_fromClient.Reader, _toServer.Writer, client, server));
        _world.Begin(PumpAsync(_fromServer.Reader, _toClient.Writer, server, client));
        client.Died += () => LoseOther(_client, _server, _toServer.Writer);
        server.Died += () => LoseOther(_server, _client, _toClient.Writer);
    }

    /// <summary>The client's end.</summary>
    public Stream ClientStream { get; }

    /// <summary>The server's end.</summary>
    public PipeReader Input => _toServer.Reader;

    /// <inheritdoc />
    public PipeWriter Output => _fromServer.Writer;

    public bool IsBroken => _isBroken;

    /// <summary>Both ends learn that it is over.</summary>
    public void Break()
    {
        if (_isBroken)
        {
            return;
        }

        _isBroken = true;
        _fromClient.Reader.CancelPendingRead();
        _fromServer.Reader.CancelPendingRead();
        _server.Run(() => _toServer.Writer.Complete(new IOException("The connection was reset.")));
        _client.Run(() => _toClient.Writer.Complete(new IOException("The connection was reset.")));
    }

    /// <summary>The server is done with it.</summary>
    public void CloseServer()
    {
        _fromServer.Writer.Complete();
        _toServer.Reader.Complete();
    }

    // The system says so for a process that died, unless the way is cut: then the other end finds out by itself.
    private void LoseOther(SimProcess dead, SimProcess other, PipeWriter end)
        => _world.Schedule(other, _world.Draws.Latency($"reset/{dead.Name}"), () =>
        {
            if (!_world.Network.IsCut(dead.Name, other.Name))
            {
                _isBroken = true;
                end.Complete(new IOException("The connection was reset."));
            }
        });

    private async Task PumpAsync(PipeReader from, PipeWriter to, SimProcess sender, SimProcess receiver)
    {
        var name = $"socket/{sender.Name}/{receiver.Name}";
        try
        {
            while (!_isBroken)
            {
                var read = await from.ReadAsync();
                var piece = read.Buffer.Slice(0, Math.Min(Segment, read.Buffer.Length));
                var bytes = piece.ToArray();
                from.AdvanceTo(piece.End);
                if (bytes.Length > 0)
                {
                    await _world.DelayAsync(receiver, _world.Draws.Latency(name));
                    while (_world.Network.IsCut(sender.Name, receiver.Name))
                    {
                        await _world.DelayAsync(receiver, Again);
                    }

                    if (_isBroken || (await to.WriteAsync(bytes)).IsCompleted)
                    {
                        break;
                    }
                }
                else if (read.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (InvalidOperationException) when (_isBroken)
        {
            // Broke in the middle of a write.
        }

        await from.CompleteAsync();
        if (!_isBroken)
        {
            await to.CompleteAsync();
        }
    }

    private static Pipe NewPipe()
        => new(new PipeOptions(pauseWriterThreshold: Buffered, resumeWriterThreshold: Buffered / 2, useSynchronizationContext: false));

    private sealed class DuplexStream(SimWorld world, PipeReader reader, Stream output) : Stream
    {
        private readonly Stream _input = reader.AsStream(leaveOpen: true);
        private bool _isDisposed;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _input.ReadAsync(buffer, cancellationToken);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
            => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
            => output.WriteAsync(buffer, cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
            => output.WriteAsync(buffer, offset, count, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_isDisposed)
            {
                _isDisposed = true;
                output.Dispose();

                // Whoever reads is woken, as a socket that is closed does, and then nothing is taken any more.
                reader.CancelPendingRead();
                world.Schedule(null, TimeSpan.FromMilliseconds(1), () => reader.Complete());
            }

            base.Dispose(disposing);
        }
    }
}
