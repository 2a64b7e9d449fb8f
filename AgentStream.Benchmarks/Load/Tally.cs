namespace AgentStream.Benchmarks.Load;

/// <summary>Counts what all viewers of a measurement got. Many threads may count.</summary>
internal sealed class Tally
{
    private long _tokens;
    private long _frames;
    private long _bytes;
    private long _firstAt;

    public Latencies Latencies { get; } = new();

    /// <summary>Tokens whose text arrived, merged with others or not.</summary>
    public long Tokens => Interlocked.Read(ref _tokens);

    /// <summary>Frames that brought tokens.</summary>
    public long Frames => Interlocked.Read(ref _frames);

    /// <summary>Bytes of those frames, without the headers of WebSocket.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>The time at which the first token arrived, in microseconds of <see cref="Stamp"/>; 0: none has.</summary>
    public long FirstAt => Interlocked.Read(ref _firstAt);

    public void Take(ReadOnlySpan<byte> frame)
    {
        var tokens = Stamp.Count(frame);
        if (tokens == 0)
        {
            return;
        }

        if (FirstAt == 0)
        {
            Interlocked.CompareExchange(ref _firstAt, Stamp.Microseconds(), 0);
        }

        Interlocked.Increment(ref _frames);
        Interlocked.Add(ref _bytes, frame.Length);
        Latencies.AddAges(frame);

        // Last: who waits for the tokens finds everything else counted.
        Interlocked.Add(ref _tokens, tokens);
    }
}
