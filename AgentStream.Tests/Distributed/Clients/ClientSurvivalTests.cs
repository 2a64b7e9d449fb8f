using AgentStream.Client;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Distributed.Clients;

/// <summary>The package for .NET against real servers that are killed, frozen and cut off.</summary>
[Collection(ClusterCollection.Name)]
public sealed class ClientSurvivalTests(ClusterFixture fixture) : IAsyncLifetime
{
    private ServiceCluster Cluster => fixture.Cluster;

    public Task InitializeAsync() => fixture.RestoreAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [RedisFact]
    public async Task Servers_Killed_TheAnswerComesWholeFromOthers()
    {
        using var client = new AgentStreamClient(Cluster.Api);
        var reading = Ask(client, "client-killed");
        await reading.SeeAsync(IsDelta("One "));

        foreach (var server in Cluster.Apis.ToList())
        {
            await Cluster.KillAsync(server);
        }

        await reading.SeeAsync(happened => happened is ConnectionLost);
        await Cluster.OpenGateAsync("client-killed");
        await Cluster.RestoreAsync();

        AssertAnswered(await reading.EndAsync());
    }

    [RedisFact]
    public async Task Servers_Frozen_AreFoundSilentAndLeft()
    {
        using var client = new AgentStreamClient(Cluster.Api, new AgentStreamClientOptions
        {
            Silence = TimeSpan.FromSeconds(1),
            PongTime = TimeSpan.FromSeconds(1),
            ConnectTimeout = TimeSpan.FromSeconds(1),
        });
        var reading = Ask(client, "client-pauses");
        await reading.SeeAsync(IsDelta("One "));
        var frozen = Cluster.Apis.ToList();
        frozen.ForEach(server => server.Pause());
        frozen.ForEach(Cluster.Forget);
        try
        {
            await reading.SeeAsync(happened => happened is ConnectionLost);
            await Cluster.RestoreAsync();
            await Cluster.OpenGateAsync("client-pauses");

            AssertAnswered(await reading.EndAsync());
        }
        finally
        {
            foreach (var server in frozen)
            {
                await server.KillAsync();
            }
        }
    }

    [RedisFact]
    public async Task Redis_Restarted_ClientsAreToldAndTheAnswerComesWhole()
    {
        using var client = new AgentStreamClient(Cluster.Api);
        var reading = Ask(client, "client-redis");
        await reading.SeeAsync(IsDelta("One "));

        await Cluster.Redis.KillAsync();
        await reading.SeeAsync(happened => happened is StatusChanged { IsDegraded: true });
        await Cluster.OpenGateAsync("client-redis");
        await Cluster.Redis.StartAgainAsync();

        AssertAnswered(await reading.EndAsync());
    }

    [RedisFact]
    public async Task Worker_Killed_WhatItHadSaidIsTakenBack()
    {
        using var client = new AgentStreamClient(Cluster.Api);
        var reading = Ask(client, "client-worker");
        await reading.SeeAsync(IsDelta("One "));

        await Cluster.KillWorkerOfAsync("client-worker");
        await Cluster.OpenGateAsync("client-worker");

        var events = await reading.EndAsync();
        Assert.Equal([1, 2], events.OfType<RunStarted>().Select(started => started.Attempt));
        Assert.Single(events.OfType<StepSuperseded>());
        AssertAnswered(events);
    }

    [RedisFact]
    public async Task Message_SentWhileNoServerIsThere_ArrivesOnce()
    {
        foreach (var server in Cluster.Apis.ToList())
        {
            await Cluster.KillAsync(server);
        }

        using var client = new AgentStreamClient(Cluster.Api);
        var reading = Ask(client, "client-early");
        await reading.SeeAsync(happened => happened is ConnectionLost);
        await Cluster.RestoreAsync();
        await reading.EndAsync();

        var transcript = await client.Session("client-early").GetTranscriptAsync();
        Assert.Equal(RunStatus.Completed, Assert.Single(transcript.Messages).Status);
    }

    private static ClientReading Ask(AgentStreamClient client, string name) => new(client.Session(name).AskAsync(name));

    private static Func<AgentEvent, bool> IsDelta(string text) => happened => happened is StepDelta { Delta: var delta } && delta == text;

    private static void AssertAnswered(IReadOnlyList<AgentEvent> events)
    {
        Assert.Equal("One two.", events.OfType<ReasoningStep>().Last(step => step.Type == StepType.FinalAnswer).Content);
        Assert.Equal(RunStatus.Completed, events.OfType<RunFinished>().Single().Status);
    }
}
