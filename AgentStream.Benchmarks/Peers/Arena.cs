using AgentStream.Benchmarks.Load;

namespace AgentStream.Benchmarks.Peers;

/// <summary>Starts the contenders, each anew for each measurement, around one model server.</summary>
/// <param name="scripts">The folder of the peers from npm.</param>
/// <param name="baseline">Another build of ours; null: none.</param>
/// <param name="model">The model server.</param>
internal sealed class Arena(string scripts, string? baseline, StampedModel model)
{
    public StampedModel Model => model;

    public bool HasBaseline => baseline is not null;

    /// <summary>The folder of the other build of ours; null: none.</summary>
    public string? Baseline => baseline;

    public Task<AgentStreamContender> OursAsync(CancellationToken cancellationToken, int servers = 1, bool isProbed = false)
        => AgentStreamContender.StartAsync("AgentStream", Build.Solution, model, servers, cancellationToken, isProbed);

    /// <summary>Ours, where every caller is asked who they are.</summary>
    public Task<AgentStreamContender> GuardedAsync(CancellationToken cancellationToken)
        => AgentStreamContender.StartAsync(
            "AgentStream, asking", Build.Solution, model, 1, cancellationToken, token: BenchmarkToken.Make());

    public Task<AgentStreamContender> BaselineAsync(CancellationToken cancellationToken)
        => AgentStreamContender.StartAsync("the build before", baseline!, model, 1, cancellationToken);

    public Task<Contender> WsAsync(CancellationToken cancellationToken) => RelayContender.WsAsync(scripts, model, cancellationToken);

    public Task<Contender> SocketIOAsync(CancellationToken cancellationToken, int servers = 1)
        => RelayContender.SocketIOAsync(scripts, model, servers, cancellationToken);

    public Task<Contender> SendLoopAsync(CancellationToken cancellationToken)
        => RelayContender.SendLoopAsync(scripts, model, cancellationToken);

    public Task<Contender> NatsAsync(CancellationToken cancellationToken) => RelayContender.NatsAsync(scripts, model, cancellationToken);

    public Task<Contender> NchanAsync(CancellationToken cancellationToken) => RelayContender.NchanAsync(scripts, model, cancellationToken);

    public Task<Contender> SignalRAsync(CancellationToken cancellationToken)
        => RelayContender.SignalRAsync(scripts, model, cancellationToken);

    /// <summary>The script of a peer that is no relay.</summary>
    public string Script(string name) => Path.Combine(scripts, name);
}
