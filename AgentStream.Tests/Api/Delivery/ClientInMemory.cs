using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using AgentStream.Api.Delivery;
using AgentStream.Messaging;
using AgentStream.Tests.Api.Support;
using Microsoft.Extensions.Logging.Abstractions;
using ApiWire = AgentStream.Api.Delivery.Wire;

namespace AgentStream.Tests.Api.Delivery;

/// <summary>A client whose wire is memory.</summary>
internal sealed class ClientInMemory : ClientConnection, IAsyncDisposable
{
    private readonly Opening _opening;
    private readonly bool _isKept;
    private readonly TaskCompletionSource<Ending> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _held;

    public ClientInMemory(Opening opening, ApiWire wire, TimeProvider time, bool isKept = true)
        : base(opening, time, NullLogger.Instance)
        => (_opening, Wire, _isKept) = (opening, wire, isKept);

    public Task<Ending> Ended => _ended.Task;

    public ConcurrentQueue<ReadOnlyMemory<byte>> Writes { get; } = [];

    /// <summary>Which thread wrote last, and what it had allocated by then.</summary>
    public (int Thread, long Allocated) Wrote { get; private set; }

    public Cursor? From => _opening.From;

    public override ApiWire Wire { get; }

    public new Task BeginAsync() => base.BeginAsync();

    /// <summary>From now on a write takes until it is released.</summary>
    public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release()
    {
        var held = _held!;
        _held = null;
        held.SetResult();
    }

    public async Task UntilAsync(long offset)
    {
        using var patience = new CancellationTokenSource(ApiHost.Patience);
        while (Reached < offset || Reached == long.MaxValue)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public string Text() => string.Concat(Frames()
        .Where(frame => frame.Type() == "step_delta")
        .Select(frame => frame.Data().Text("delta")));

    public override void Abort()
    {
    }

    public override void End(Ending ending)
    {
        TryBeginEnd();
        _ended.TrySetResult(ending);
    }

    public async ValueTask DisposeAsync()
    {
        await EndWritesAsync();
        await _opening.DisposeAsync();
    }

    protected override bool IsGone(Exception exception) => false;

    protected override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        Wrote = (Environment.CurrentManagedThreadId, GC.GetAllocatedBytesForCurrentThread());
        if (_isKept)
        {
            Writes.Enqueue(bytes);
        }

        return _held is { } held ? new ValueTask(held.Task) : ValueTask.CompletedTask;
    }

    /// <summary>The frames that it got, as they came.</summary>
    public IEnumerable<JsonElement> Frames()
        => Wire == ApiWire.EventStream
            ? Lines("data: ").Select(line => JsonElement.Parse(line))
            : Writes.SelectMany(write => Payloads(write)).Select(payload => JsonElement.Parse(payload.Span));

    public IEnumerable<string> Ids() => Lines("id: ");

    // RFC 6455, 5.2: a byte that says what it is, and the length in one, three or nine.
    private static IEnumerable<ReadOnlyMemory<byte>> Payloads(ReadOnlyMemory<byte> frames)
    {
        while (!frames.IsEmpty)
        {
            var (header, length) = frames.Span[1] switch
            {
                126 => (4, BinaryPrimitives.ReadUInt16BigEndian(frames.Span[2..])),
                127 => (10, (int)BinaryPrimitives.ReadUInt64BigEndian(frames.Span[2..])),
                var small => (2, small),
            };
            yield return frames.Slice(header, length);
            frames = frames[(header + length)..];
        }
    }

    private IEnumerable<string> Lines(string name) =>
        from write in Writes
        from line in Encoding.UTF8.GetString(write.Span).Split('\n')
        where line.StartsWith(name, StringComparison.Ordinal)
        select line[name.Length..];
}
