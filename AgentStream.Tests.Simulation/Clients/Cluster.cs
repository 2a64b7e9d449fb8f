using AgentStream.Api.Delivery;
using AgentStream.Messaging;
using AgentStream.Tests.Simulation.Engine;
using AgentStream.Tests.Simulation.Nodes;

namespace AgentStream.Tests.Simulation.Clients;

/// <summary>The servers as clients reach them: through something that chooses one of those that are up.</summary>
internal sealed class Cluster(SimWorld world)
{
    private const int NobodyThere = 503;

    public List<ServerNode> Servers { get; } = [];

    /// <summary>Changes what a client asks for: a bug put in on purpose.</summary>
    public Func<string, string> Rewrite { get; set; } = query => query;

    /// <summary>Connects; the answer is a status of HTTP, and the socket where that is 101.</summary>
    public async Task<(int Status, SimSocket? Socket)> ConnectAsync(
        SimProcess client, SessionId sessionId, string query, Wire wire, CancellationToken cancellationToken)
    {
        var name = $"connect/{client.Name}";
        await world.DelayAsync(client, world.Draws.Latency(name)).WaitAsync(cancellationToken);
        var up = Servers.Where(server => server.IsUp).ToList();
        if (up.Count == 0)
        {
            return (NobodyThere, null);
        }

        var server = world.Draws.Of(name, up);
        var answer = new TaskCompletionSource<(int, SimSocket?)>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!world.Network.IsCut(client.Name, server.Process.Name))
        {
            world.Schedule(server.Process, world.Draws.Latency(name), () => world.Begin(AcceptAsync()));
        }

        return await answer.Task.WaitAsync(cancellationToken);

        async Task AcceptAsync()
        {
            var socket = new SimSocket(client, server.Process);
            var status = await server.AcceptAsync(sessionId, Rewrite(query), wire, socket);
            world.Schedule(client, world.Draws.Latency(name), () => answer.TrySetResult((status, socket)));
        }
    }
}
