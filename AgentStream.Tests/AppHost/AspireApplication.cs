using System.Globalization;
using AgentStream.AppHost;
using AgentStream.Tests.Distributed.Application;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using StackExchange.Redis;

namespace AgentStream.Tests.AppHost;

/// <summary>
/// The application as the AppHost starts it: two API servers behind Aspire's proxy, two workers, the pages,
/// around a redis-server of the tests' own or, where none is installed, around the AppHost's container.
/// Started once; tests may kill workers, and the last one of them stops it.
/// </summary>
public sealed class AspireApplication : IRunningApplication, IAsyncLifetime, IDisposable
{
    // Images may have to be pulled.
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(5);

    private readonly TemporaryDirectory _data = new();
    private readonly TemporaryDirectory _plan = new();
    private RedisServer? _server;
    private IDistributedApplicationTestingBuilder? _builder;
    private DistributedApplication? _app;
    private ConnectionMultiplexer? _redis;
    private string[] _workers = [];

    /// <summary>Why its tests are skipped; <c>null</c>: they are not.</summary>
    public static string? SkipReason { get; } =
        RedisServer.SkipReason is null || Topology.HasContainerEngine(Environment.GetEnvironmentVariable("ASPIRE_CONTAINER_RUNTIME"))
            ? null
            : RedisServer.SkipReason;

    public Uri Api => App.GetEndpoint("api", "http");

    public Uri Web => App.GetEndpoint("web", "http");

    private DistributedApplication App => _app ?? throw new InvalidOperationException(SkipReason);

    public async Task InitializeAsync()
    {
        if (SkipReason is not null)
        {
            return;
        }

        await File.WriteAllTextAsync(_plan.File("plan.json"), DistributedPlan.Json);
        using var timeout = new CancellationTokenSource(StartTimeout);
        _server = RedisServer.Executable is null ? null : await RedisServer.StartAsync();
        _builder = await DistributedApplicationTestingBuilder.CreateAsync(typeof(Topology), Arguments(_server), timeout.Token);
        RemoveVolumes(_builder);
        Configure(_builder, "api");
        Configure(_builder, "worker");
        _app = await _builder.BuildAsync(timeout.Token);
        await _app.StartAsync(timeout.Token);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("worker", timeout.Token);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("web", timeout.Token);
        _workers = await FindWorkersAsync(timeout.Token);
        _redis = await ConnectionMultiplexer.ConnectAsync(await _app.GetConnectionStringAsync("redis", timeout.Token) ?? "");
    }

    // Aspire's proxy chooses the server for each connection.
    ChatSocket IRunningApplication.Socket(int api, string sessionId) => new(Api, sessionId);

    public Task OpenGateAsync(string name) => File.WriteAllTextAsync(_plan.File(name), "");

    public IReadOnlyList<string> CallsWithNotes(string sessionId) => DistributedPlan.CallsWithNotes(_data.Path, sessionId);

    public Task StopWorkerOfAsync(string sessionId) => EndWorkerOfAsync(sessionId, ProcessSignal.Terminate);

    public Task KillWorkerOfAsync(string sessionId) => EndWorkerOfAsync(sessionId, ProcessSignal.Kill);

    public async Task RestoreAsync()
    {
        using var timeout = new CancellationTokenSource(TestTimeouts.Default);
        foreach (var worker in _workers.Where(HasEnded))
        {
            var started = await App.ResourceCommands.ExecuteCommandAsync(worker, KnownResourceCommands.StartCommand, timeout.Token);
            Assert.True(started.Success);
            await App.ResourceNotifications.WaitForResourceAsync(
                "worker", update => update.ResourceId == worker && update.Snapshot.State?.Text == KnownResourceStates.Running,
                timeout.Token);
        }
    }

    /// <summary>Stops all that Aspire runs; nothing can be asked of it after that.</summary>
    public async Task StopAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
            _app = null;
        }
    }

    public async Task DisposeAsync()
    {
        if (_redis is not null)
        {
            await _redis.CloseAsync(allowCommandsToComplete: false);
            _redis.Dispose();
        }

        await StopAsync();
        if (_builder is not null)
        {
            await _builder.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    /// <summary>Comes after all processes have ended.</summary>
    public void Dispose()
    {
        _data.Dispose();
        _plan.Dispose();
    }

    private static string[] Arguments(RedisServer? server) =>
        [$"--{Topology.Setting}=distributed", .. server is null ? (string[])[] : [$"--ConnectionStrings:redis={server.ConnectionString}"]];

    // The volume belongs to the application that a developer may have running: two servers on one append-only file destroy it.
    private static void RemoveVolumes(IDistributedApplicationTestingBuilder builder)
    {
        var annotations = builder.Resources.Single(resource => resource.Name == "redis").Annotations;
        foreach (var volume in annotations.OfType<ContainerMountAnnotation>().ToList())
        {
            annotations.Remove(volume);
        }
    }

    private void Configure(IDistributedApplicationTestingBuilder builder, string project)
    {
        var resource = builder.CreateResourceBuilder<ProjectResource>(project)
            .WithEnvironment("AgentStream__DataDirectory", _data.Path)
            .WithEnvironment("AgentStream__Models__scripted__ScriptPath", _plan.File("plan.json"));
        foreach (var (name, value) in DistributedPlan.Settings)
        {
            resource.WithEnvironment(name, value);
        }
    }

    private async Task<string[]> FindWorkersAsync(CancellationToken cancellationToken)
    {
        HashSet<string> ids = [];
        await App.ResourceNotifications.WaitForResourceAsync(
            "worker", update => update.Snapshot.State?.Text == KnownResourceStates.Running && ids.Add(update.ResourceId) && ids.Count == 2,
            cancellationToken);
        return [.. ids];
    }

    /// <summary>Workers are processes of this machine also under Aspire, and each says in its claims who it is.</summary>
    private async Task EndWorkerOfAsync(string sessionId, int signal)
    {
        var worker = (string?)await _redis!.GetDatabase().HashGetAsync($"agentstream:{{{sessionId}}}:meta", "worker");
        var processId = int.Parse(worker!.AsSpan(worker!.LastIndexOf(':') + 1), CultureInfo.InvariantCulture);
        ProcessSignal.Send(processId, signal);
        using var timeout = new CancellationTokenSource(TestTimeouts.Default);
        await App.ResourceNotifications.WaitForResourceAsync(
            "worker", update => KnownResourceStates.TerminalStates.Contains(update.Snapshot.State?.Text), timeout.Token);
    }

    private bool HasEnded(string worker) => App.ResourceNotifications.TryGetCurrentState(worker, out var state)
        && KnownResourceStates.TerminalStates.Contains(state?.Snapshot.State?.Text);
}
