using AgentStream.Benchmarks.Load;
using AgentStream.Benchmarks.Processes;

namespace AgentStream.Benchmarks.Peers;

/// <summary>Something that brings the tokens of a model's stream to viewers: ours, or a peer. It runs in processes of its own.</summary>
internal abstract class Contender : IAsyncDisposable
{
    /// <summary>The name in the tables.</summary>
    public abstract string Name { get; }

    /// <summary>The process that holds the viewers' sockets.</summary>
    public abstract MeasuredProcess Server { get; }

    /// <summary>The port of the viewers' sockets.</summary>
    public abstract int Port { get; }

    /// <summary>Its Redis; null where it has none.</summary>
    public virtual RedisProcess? Redis => null;

    /// <summary>CPU time of all its processes so far.</summary>
    public abstract TimeSpan Cpu { get; }

    /// <summary>Makes what one viewer says.</summary>
    /// <param name="session">The session that it watches; peers have one room.</param>
    public abstract ViewerProtocol Viewer(string session);

    /// <summary>Has a stream of tokens read from the model and brought to all viewers. Returns when it has begun.</summary>
    public abstract Task StreamAsync(string session, int rate, int tokens, CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}
