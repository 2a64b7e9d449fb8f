using System.Collections.Concurrent;

namespace AgentStream.Worker.Telemetry;

/// <summary>
/// Which models metrics name.
/// A message may ask for any model at all, and some servers answer to every name:
/// without an end to them a client could fill a metric with series until those of the real models find no place.
/// </summary>
/// <param name="max">How many that nobody configured are named.</param>
internal sealed class ModelNames(int max = 100)
{
    /// <summary>The name of all others, as the conventions call what has no name of its own.</summary>
    public const string Other = "_OTHER";

    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);
    private int _answered;

    /// <summary>Names a model that an operator chose.</summary>
    public void AddConfigured(string model) => _known.TryAdd(model, true);

    /// <summary>Names a model that has answered, while there is place.</summary>
    public void AddAnswered(string model)
    {
        if (_known.ContainsKey(model))
        {
            return;
        }

        if (Interlocked.Increment(ref _answered) > max || !_known.TryAdd(model, false))
        {
            Interlocked.Decrement(ref _answered);
        }
    }

    /// <summary>The name of a model in metrics.</summary>
    public string Of(string model) => _known.ContainsKey(model) ? model : Other;
}
