using AgentStream.Benchmarks.Peers;
using AgentStream.Benchmarks.Report;

namespace AgentStream.Benchmarks.Rows;

/// <summary>A question that is put to ours and to peers in turn, in one run on one machine.</summary>
internal abstract class Row(string id, string title)
{
    private readonly List<Comparison> _comparisons = [];
    private readonly List<double> _others = [];

    public string Id => id;

    /// <summary>The question in a few words.</summary>
    public string Title => title;

    /// <summary>Whether it takes so long that it is measured only where it is asked for by its id.</summary>
    public virtual bool IsLong => false;

    /// <summary>Starts what is compared, measures it once, and adds the figures.</summary>
    public abstract Task RepeatAsync(Arena arena, CancellationToken cancellationToken);

    /// <summary>Gets what was measured so far.</summary>
    public RowFigures Figures(int repetitions)
        => new(id, title, repetitions, _others.DefaultIfEmpty().Max(), [.. _comparisons.Select(comparison => comparison.Figure)]);

    /// <summary>Adds the figure of one repetition.</summary>
    protected void Add(double value, string what, double? goal, bool atLeast = false, string? unit = null)
    {
        var comparison = _comparisons.Find(known => known.What == what);
        if (comparison is null)
        {
            comparison = new Comparison(what, goal, atLeast, unit);
            _comparisons.Add(comparison);
        }

        comparison.Add(value);
    }

    /// <summary>Notes the share of the machine that others used meanwhile.</summary>
    protected void NoteOthers(double share) => _others.Add(share);

    /// <summary>Measures one stream of a contender, told on the console as it comes.</summary>
    protected Task<Stream> StreamAsync(Contender contender, int viewers, int rate, double seconds, CancellationToken cancellationToken)
        => StreamsAsync(contender, 1, viewers, rate, seconds, cancellationToken);

    /// <summary>Measures several streams at once, told on the console as they come.</summary>
    protected async Task<Stream> StreamsAsync(
        Contender contender, int streams, int viewers, int rate, double seconds, CancellationToken cancellationToken)
    {
        var stream = await Stream.MeasureAsync(contender, streams, viewers, rate, seconds, cancellationToken);
        NoteOthers(stream.Others);
        Console.WriteLine(
            $"  {id} {contender.Name,-18} {(streams == 1 ? "" : $"{streams} runs, ")}{viewers,5} viewers {rate,6}/s: "
            + $"{(stream.IsWhole ? "whole" : $"{stream.Tokens}/{stream.Expected}")}, {stream.Frames} frames, "
            + $"p50 {stream.P50:0.0} p99 {stream.P99:0.0} ms, CPU {stream.CpuMicrosecondsPerToken:0.00} µs a token, server "
            + $"{stream.ServerCpuMicrosecondsPerFrame:0.0} µs a frame, "
            + $"{stream.Commands / (double)stream.Expected * viewers:0.00} commands a token, load client "
            + $"{stream.ClientCpu.TotalSeconds:0.0} s, others {stream.Others:P0}");
        return stream;
    }
}
