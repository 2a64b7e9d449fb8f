using AgentStream.Client;
using AgentStream.Tests.Distributed.Cluster;

namespace AgentStream.Tests.Distributed.Clients;

/// <summary>Two programs that ask the same, each in a session of its own: one in .NET, one in Node.</summary>
internal sealed class BothClients : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly AgentStreamClient _client;
    private readonly List<ClientReading> _readings;

    /// <param name="cluster">The servers.</param>
    /// <param name="message">What they ask.</param>
    /// <param name="isImpatient">
    /// Whether they leave a server that says nothing after a second or two; then there is the one in .NET alone.
    /// </param>
    public BothClients(ServiceCluster cluster, string message, bool isImpatient = false)
    {
        var second = TimeSpan.FromSeconds(1);
        _client = new AgentStreamClient(cluster.Api, isImpatient
            ? new AgentStreamClientOptions { Silence = second, PongTime = second, ConnectTimeout = second }
            : null);
        Sessions = [message, $"{message}-node"];
        _readings = [new ClientReading(_client.Session(Sessions[0]).AskAsync(message, cancellationToken: _stop.Token))];
        if (!isImpatient)
        {
            _readings.Add(new ClientReading(NodeClient.AskAsync(cluster.Api, Sessions[1], message, 1, _stop.Token)));
        }
    }

    public IReadOnlyList<string> Sessions { get; }

    /// <summary>Waits until both have read it.</summary>
    public Task SeeAsync(Func<AgentEvent, bool> fits) => Task.WhenAll(_readings.Select(reading => reading.SeeAsync(fits)));

    /// <summary>Waits until both have read a piece of text.</summary>
    public Task SeeAsync(string text) => SeeAsync(happened => happened is StepDelta { Delta: var delta } && delta == text);

    /// <summary>Waits for the end of both, and checks what every program may rely on.</summary>
    public Task<IReadOnlyList<AgentEvent>[]> EndAsync() => Task.WhenAll(_readings.Select(reading => reading.EndAsync()));

    /// <summary>The same, for runs that answer.</summary>
    public async Task<IReadOnlyList<AgentEvent>[]> AnsweredAsync()
    {
        var both = await EndAsync();
        Assert.All(both, events =>
        {
            Assert.Equal("One two.", events.OfType<ReasoningStep>().Last(step => step.Type == StepType.FinalAnswer).Content);
            Assert.Equal(RunStatus.Completed, events.OfType<RunFinished>().Single().Status);
        });
        return both;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _client.Dispose();
        _stop.Dispose();
    }
}
