using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using AgentStream.AppHost;
using AgentStream.Tests.Support;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace AgentStream.Tests.AppHost;

/// <summary>The application as the AppHost starts it: Redis in a container, two API servers, two workers, the pages.</summary>
public sealed partial class AppHostTests
{
    private const string Plan = """
        { "scripts": [ { "replies": [ [ { "text": "One " }, { "text": "two " }, { "wait_for_file": "go" }, { "text": "three." } ] ] } ] }
        """;

    // Images may have to be pulled.
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(5);

    [ContainerFact]
    public async Task Start_FullModel_SocketAndPageAnswerFromOneSession()
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        await using var builder = await CreateBuilderAsync(timeout.Token);
        await using var app = await StartAsync(builder, timeout.Token);
        var session = SessionName();
        await using var socket = new ChatSocket(app.GetEndpoint("api", "http"), session);
        await socket.ConnectAsync();

        await socket.ChatAsync("What is 17.5% of 2,340?");
        var finished = await socket.ReadUntilAsync("run_finished");
        var page = await AskOnPageAsync(app.GetEndpoint("web", "http"), session, "What is 12 * 12?");

        Assert.Equal("completed", finished.GetProperty("data").GetProperty("status").GetString());
        Assert.Contains("409.5", page, StringComparison.Ordinal);
        Assert.Contains("144", page, StringComparison.Ordinal);
    }

    [ContainerFact]
    public async Task StopWorker_RunUnderWay_AnotherWorkerFinishesIt()
    {
        using var plan = new TemporaryDirectory();
        await File.WriteAllTextAsync(plan.File("plan.json"), Plan);
        using var timeout = new CancellationTokenSource(StartTimeout);
        await using var builder = await CreateBuilderAsync(timeout.Token);
        builder.CreateResourceBuilder<ProjectResource>("worker")
            .WithEnvironment("AgentStream__DefaultModel", "scripted")
            .WithEnvironment("AgentStream__Models__scripted__ScriptPath", plan.File("plan.json"));
        await using var app = await StartAsync(builder, timeout.Token);
        var workers = await FindWorkersAsync(app, timeout.Token);
        await using var socket = new ChatSocket(app.GetEndpoint("api", "http"), SessionName());
        await socket.ConnectAsync();
        await socket.ChatAsync("count");
        await socket.ReadUntilAsync("step_delta");

        // Whichever has the run: after both were away in turn it is with the first again, or still there.
        await StopWorkerAsync(app, workers[0], timeout.Token);
        await StartWorkerAsync(app, workers[0], timeout.Token);
        await StopWorkerAsync(app, workers[1], timeout.Token);
        await File.WriteAllTextAsync(plan.File("go"), "");
        var finished = await socket.ReadUntilAsync("run_finished");

        Assert.Equal("completed", finished.GetProperty("data").GetProperty("status").GetString());
        Assert.Equal("One two three.", socket.StandingSteps[^1].GetProperty("content").GetString());
        Assert.Equal(1, socket.FirstSeq);
        Assert.True(socket.Of("run_started").Count() > 1, "No worker took the run over.");
    }

    private static async Task<IDistributedApplicationTestingBuilder> CreateBuilderAsync(CancellationToken cancellationToken)
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync(typeof(Topology), [$"--{Topology.Setting}=distributed"], cancellationToken);

        // The volume belongs to the application that a developer may have running: two servers on one append-only file destroy it.
        var annotations = builder.Resources.Single(resource => resource.Name == "redis").Annotations;
        foreach (var volume in annotations.OfType<ContainerMountAnnotation>().ToList())
        {
            annotations.Remove(volume);
        }

        return builder;
    }

    private static async Task<DistributedApplication> StartAsync(IDistributedApplicationTestingBuilder builder, CancellationToken cancellationToken)
    {
        var app = await builder.BuildAsync(cancellationToken);
        await app.StartAsync(cancellationToken);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("worker", cancellationToken);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("web", cancellationToken);
        return app;
    }

    private static async Task<string[]> FindWorkersAsync(DistributedApplication app, CancellationToken cancellationToken)
    {
        HashSet<string> ids = [];
        await app.ResourceNotifications.WaitForResourceAsync(
            "worker", update => update.Snapshot.State?.Text == KnownResourceStates.Running && ids.Add(update.ResourceId) && ids.Count == 2, cancellationToken);
        return [.. ids];
    }

    private static async Task StopWorkerAsync(DistributedApplication app, string worker, CancellationToken cancellationToken)
    {
        var result = await app.ResourceCommands.ExecuteCommandAsync(worker, KnownResourceCommands.StopCommand, cancellationToken);
        Assert.True(result.Success);
        await app.ResourceNotifications.WaitForResourceAsync(
            "worker", update => update.ResourceId == worker && KnownResourceStates.TerminalStates.Contains(update.Snapshot.State?.Text), cancellationToken);
    }

    private static async Task StartWorkerAsync(DistributedApplication app, string worker, CancellationToken cancellationToken)
    {
        var result = await app.ResourceCommands.ExecuteCommandAsync(worker, KnownResourceCommands.StartCommand, cancellationToken);
        Assert.True(result.Success);
        await app.ResourceNotifications.WaitForResourceAsync(
            "worker", update => update.ResourceId == worker && update.Snapshot.State?.Text == KnownResourceStates.Running, cancellationToken);
    }

    private static async Task<string> AskOnPageAsync(Uri web, string session, string message)
    {
        using var client = new HttpClient { BaseAddress = web };
        var page = await client.GetStringAsync($"/classic/{session}");
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["__RequestVerificationToken"] = RequestToken().Match(page).Groups[1].Value,
            ["Input.MessageId"] = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture),
            ["Input.Message"] = message,
        });
        using var answer = await client.PostAsync($"/classic/{session}", form);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }

    private static string SessionName() => $"apphost-{Guid.NewGuid():N}";

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"")]
    private static partial Regex RequestToken();
}
