using AgentStream.Client;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Distributed.Clients;

/// <summary>The packages for .NET and for JavaScript against real servers that are killed, frozen and cut off.</summary>
[Collection(ClusterCollection.Name)]
public sealed class ClientSurvivalTests(ClusterFixture fixture) : IAsyncLifetime
{
    private ServiceCluster Cluster => fixture.Cluster;

    public Task InitializeAsync() => fixture.RestoreAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [RedisNodeFact]
    public async Task Servers_Killed_TheAnswerComesWholeFromOthers()
    {
        using var clients = new BothClients(Cluster, "client-killed");
        await clients.SeeAsync("One ");

        await KillServersAsync();

        await clients.SeeAsync(happened => happened is ConnectionLost);
        await Cluster.OpenGateAsync("client-killed");
        await Cluster.RestoreAsync();

        await clients.AnsweredAsync();
    }

    [RedisNodeFact]
    public async Task Servers_Frozen_AreFoundSilentAndLeft()
    {
        using var clients = new BothClients(Cluster, "client-pauses", isImpatient: true);
        await clients.SeeAsync("One ");
        var frozen = Freeze(Cluster.Apis);
        try
        {
            await clients.SeeAsync(happened => happened is ConnectionLost);
            await Cluster.RestoreAsync();
            await Cluster.OpenGateAsync("client-pauses");

            await clients.AnsweredAsync();
        }
        finally
        {
            await EndAsync(frozen);
        }
    }

    [RedisNodeFact]
    public async Task Redis_Restarted_ClientsAreToldAndTheAnswerComesWhole()
    {
        using var clients = new BothClients(Cluster, "client-redis");
        await clients.SeeAsync("One ");

        await Cluster.Redis.KillAsync();
        await clients.SeeAsync(happened => happened is StatusChanged { IsDegraded: true });
        await Cluster.OpenGateAsync("client-redis");
        await Cluster.Redis.StartAgainAsync();

        await clients.AnsweredAsync();
    }

    [RedisNodeFact]
    public async Task Workers_Killed_WhatTheyHadSaidIsTakenBack()
    {
        using var clients = new BothClients(Cluster, "client-worker");
        await clients.SeeAsync("One ");

        foreach (var worker in await WorkersOfAsync(clients))
        {
            await Cluster.KillAsync(worker);
        }

        await Cluster.OpenGateAsync("client-worker");
        await Cluster.RestoreAsync();

        AssertTakenOver(await clients.AnsweredAsync());
    }

    [RedisNodeFact]
    public async Task Workers_FrozenBeyondTheirLease_NothingOfTheirsComesWhenTheyWake()
    {
        using var clients = new BothClients(Cluster, "client-thaws");
        await clients.SeeAsync("One ");
        var frozen = Freeze(await WorkersOfAsync(clients));
        try
        {
            await Cluster.RestoreAsync();
            await clients.SeeAsync(happened => happened is RunStarted { Attempt: 2 });
            await Cluster.OpenGateAsync("client-thaws");
            frozen.ForEach(worker => worker.Continue());

            AssertTakenOver(await clients.AnsweredAsync());
        }
        finally
        {
            await EndAsync(frozen);
        }
    }

    [RedisNodeFact]
    public async Task Message_SentWhileNoServerIsThere_ArrivesOnce()
    {
        await KillServersAsync();

        using var clients = new BothClients(Cluster, "client-early");
        await clients.SeeAsync(happened => happened is ConnectionLost);
        await Cluster.RestoreAsync();
        await clients.EndAsync();

        using var client = new AgentStreamClient(Cluster.Api);
        foreach (var session in clients.Sessions)
        {
            var transcript = await client.Session(session).GetTranscriptAsync();
            Assert.Equal(RunStatus.Completed, Assert.Single(transcript.Messages).Status);
        }
    }

    private static void AssertTakenOver(IReadOnlyList<AgentEvent>[] both) => Assert.All(both, events =>
    {
        Assert.Equal([1, 2], events.OfType<RunStarted>().Select(started => started.Attempt));
        Assert.Single(events.OfType<StepSuperseded>());
    });

    private async Task KillServersAsync()
    {
        foreach (var server in Cluster.Apis.ToList())
        {
            await Cluster.KillAsync(server);
        }
    }

    private async Task<List<ServiceProcess>> WorkersOfAsync(BothClients clients)
    {
        List<ServiceProcess> workers = [];
        foreach (var session in clients.Sessions)
        {
            workers.Add(await Cluster.WorkerOfAsync(session));
        }

        return [.. workers.Distinct()];
    }

    /// <summary>SIGSTOP, and out of the list of those that tests use.</summary>
    private List<ServiceProcess> Freeze(IEnumerable<ServiceProcess> processes)
    {
        var frozen = processes.ToList();
        frozen.ForEach(process => process.Pause());
        frozen.ForEach(Cluster.Forget);
        return frozen;
    }

    private static async Task EndAsync(List<ServiceProcess> frozen)
    {
        foreach (var process in frozen)
        {
            await process.KillAsync();
        }
    }
}
