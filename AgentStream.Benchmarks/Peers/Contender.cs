using AgentStream.Benchmarks.Load;
using AgentStream.Benchmarks.Processes;

namespace AgentStream.Benchmarks.Peers;

/// <summary>Something that brings the tokens of a model's stream to viewers: ours, or a peer. It runs in processes of its own.</summary>
internal abstract class Contender : IAsyncDisposable
{
    /// <summary>The name in the tables.</summary>
    public abstract string Name { get; }

    /// <summary>The processes that hold the viewers' sockets.</summary>
    public abstract IReadOnlyList<MeasuredProcess> Servers { get; }

    /// <summary>The port of the viewers' sockets of each server.</summary>
    public abstract IReadOnlyList<int> Ports { get; }

    /// <summary>The first server, and where there is one, the only one.</summary>
    public MeasuredProcess Server => Servers[0];

    /// <summary>CPU time of all servers so far.</summary>
    public TimeSpan ServerCpu => Servers.Aggregate(TimeSpan.Zero, (sum, server) => sum + server.Cpu);

    /// <summary>Its Redis; null where it has none.</summary>
    public virtual RedisProcess? Redis => null;

    /// <summary>Bytes that the servers have allocated so far, where that is looked for.</summary>
    public virtual long Allocated => 0;

    /// <summary>CPU time of all its processes so far.</summary>
    public abstract TimeSpan Cpu { get; }

    /// <summary>Makes what one viewer says.</summary>
    /// <param name="session">The session that it watches; most peers have one room.</param>
    public abstract ViewerProtocol Viewer(string session);

    /// <summary>Has a stream of tokens for each session read from the model and brought to its viewers. Returns when all began.</summary>
    public abstract Task StreamAsync(IReadOnlyList<string> sessions, int rate, int tokens, CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}
