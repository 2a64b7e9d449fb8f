using System.Globalization;
using System.Runtime.InteropServices;
using AgentStream.Tests.Distributed.Application;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Distributed.Cluster;

/// <summary>Redis and the real service processes, with the environment that the AppHost would give them. Aspire starts the same.</summary>
internal sealed partial class ServiceCluster : IRunningApplication, IAsyncDisposable
{
    private const string ReadyLine = "Application started.";
    private const string ListeningOn = "Now listening on: ";
    private const string RedisSetting = "ConnectionStrings__redis";

    private readonly TemporaryDirectory _data = new();
    private readonly TemporaryDirectory _plan = new();
    private readonly Dictionary<string, string?> _settings = new(DistributedPlan.Settings);
    private readonly List<ServiceProcess> _all = [];
    private readonly List<ServiceProcess> _apis = [];
    private readonly List<ServiceProcess> _workers = [];
    private readonly List<ServiceProcess> _webs = [];
    private readonly FrontDoor _front;
    private string _workerProject = "AgentStream.Worker";

    private ServiceCluster(RedisServer redis)
    {
        Redis = redis;
        _front = new FrontDoor(ApiAddresses);
    }

    public RedisServer Redis { get; }

    /// <summary>To <see cref="Redis"/>, or where the settings of a test lead.</summary>
    private string Connection => _settings.GetValueOrDefault(RedisSetting) ?? Redis.ConnectionString;

    public IReadOnlyList<ServiceProcess> Apis => _apis;

    public IReadOnlyList<ServiceProcess> Workers => _workers;

    public ServiceProcess Pages => _webs[0];

    public Uri Api => _front.Address;

    public Uri Web => AddressOf(_webs[0]);

    public IReadOnlyList<ServiceProcess> Webs => _webs;

    /// <param name="plan">The scripted model's plan.</param>
    /// <param name="apis">How many API servers.</param>
    /// <param name="workers">How many workers.</param>
    /// <param name="web">Whether the pages are there too.</param>
    /// <param name="settings">Beyond those that all tests want.</param>
    public static async Task<ServiceCluster> StartAsync(
        string plan, int apis = 2, int workers = 2, bool web = false, params (string Name, string? Value)[] settings)
    {
        var cluster = new ServiceCluster(await RedisServer.StartAsync("--appendonly", "yes", "--maxmemory-policy", "noeviction"));
        await File.WriteAllTextAsync(cluster._plan.File("plan.json"), plan);
        cluster._settings["AgentStream__DataDirectory"] = cluster._data.Path;
        cluster._settings["AgentStream__Models__scripted__ScriptPath"] = cluster._plan.File("plan.json");
        foreach (var (name, value) in settings)
        {
            cluster._settings[name] = value;
        }

        // The pages first: the API servers are told their address.
        if (web)
        {
            await cluster.StartWebAsync();
        }

        await cluster.RestoreAsync(apis, workers);
        return cluster;
    }

    /// <summary>The same with workers that are another program.</summary>
    /// <param name="project">Its folder.</param>
    /// <param name="plan">The scripted model's plan.</param>
    /// <param name="settings">Beyond those that all tests want.</param>
    public static async Task<ServiceCluster> StartWithWorkersAsync(
        string project, string plan, params (string Name, string? Value)[] settings)
    {
        var cluster = await StartAsync(plan, apis: 1, workers: 0, settings: settings);
        cluster._workerProject = project;
        await cluster.RestoreAsync(apis: 1, workers: 2);
        return cluster;
    }

    // What AppHost.cs says of each, in the words in which Aspire passes it on: references as connection strings and addresses,
    // parameters without a value as empty text. Only the address to listen on differs: Aspire hands out ports, here the system does.
    public Task<ServiceProcess> StartApiAsync() => StartAsync(
        "AgentStream.Api",
        _apis,
        (RedisSetting, Connection),
        ("AgentStream__Api__AllowedOrigins__0", _webs.Count == 0 ? null : Authority(Web)));

    public Task<ServiceProcess> StartWorkerAsync() => StartAsync(
        _workerProject,
        _workers,
        (RedisSetting, Connection),
        ("OPENAI_API_KEY", ""),
        ("OPENAI_API_BASE", ""),
        ("MODEL_NAME", ""));

    public Task<ServiceProcess> StartWebAsync() => StartAsync(
        "AgentStream.Web",
        _webs,
        (RedisSetting, Connection),
        ("services__api__http__0", Authority(Api)),
        ("AgentStream__Web__ApiInternalAddress", Authority(Api)),
        ("AgentStream__Web__ApiBaseAddress", Authority(Api)));

    Task IRunningApplication.RestoreAsync() => RestoreAsync();

    /// <summary>Sees to it that there are as many servers and workers as a test expects, whatever the one before did to them.</summary>
    public async Task RestoreAsync(int apis = 2, int workers = 2)
    {
        lock (_all)
        {
            _apis.RemoveAll(process => process.HasExited);
            _workers.RemoveAll(process => process.HasExited);
        }

        await Task.WhenAll([
            .. Enumerable.Range(0, apis - _apis.Count).Select(_ => StartApiAsync()),
            .. Enumerable.Range(0, workers - _workers.Count).Select(_ => StartWorkerAsync())]);
    }

    /// <summary>SIGKILL, and out of the list.</summary>
    public async Task KillAsync(ServiceProcess process)
    {
        Forget(process);
        await process.KillAsync();
    }

    /// <summary>Out of the list of those that tests use.</summary>
    public void Forget(ServiceProcess process)
    {
        lock (_all)
        {
            _apis.Remove(process);
            _workers.Remove(process);
        }
    }

    public static Uri AddressOf(ServiceProcess process)
    {
        var line = process.Output.Split(Environment.NewLine).First(line => line.Contains(ListeningOn, StringComparison.Ordinal));
        return new Uri(line[(line.IndexOf(ListeningOn, StringComparison.Ordinal) + ListeningOn.Length)..]);
    }

    public ChatSocket Socket(int api, string sessionId) => new(AddressOf(_apis[api]), sessionId);

    /// <summary>The worker that has the session's run under way.</summary>
    public async Task<ServiceProcess> WorkerOfAsync(string sessionId)
    {
        var answer = await Redis.AskAsync("HGET", $"agentstream:{{{sessionId}}}:meta", "worker");
        var name = answer.Split("\r\n")[1];
        var id = int.Parse(name[(name.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);
        return _workers.Single(worker => worker.Id == id);
    }

    public async Task StopWorkerOfAsync(string sessionId)
    {
        var worker = await WorkerOfAsync(sessionId);
        worker.Terminate();
        Assert.Equal(0, await worker.WaitForExitAsync());
        Forget(worker);
    }

    public async Task KillWorkerOfAsync(string sessionId) => await KillAsync(await WorkerOfAsync(sessionId));

    /// <summary>Lets the scripted model go on where it waits for this file.</summary>
    public Task OpenGateAsync(string name) => File.WriteAllTextAsync(_plan.File(name), "");

    public string NotesFile(string sessionId) => DistributedPlan.NotesFile(_data.Path, sessionId);

    /// <summary>Which calls wrote a note, one for each note.</summary>
    public IReadOnlyList<string> CallsWithNotes(string sessionId) => DistributedPlan.CallsWithNotes(_data.Path, sessionId);

    /// <summary>Makes the session's next <c>save_note</c> stop where it reads the notebook, until the returned gate is opened.</summary>
    public ToolGate BlockNotes(string sessionId)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(NotesFile(sessionId))!);
        MakePipe(NotesFile(sessionId));
        return new ToolGate(NotesFile(sessionId));
    }

    /// <summary>Makes a pipe where a program expects a file: whoever opens it waits for the other side.</summary>
    public static void MakePipe(string path) => Assert.Equal(0, MakeFifo(path, 0x180));

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _all)
        {
            await process.DisposeAsync();
        }

        await _front.DisposeAsync();
        await Redis.DisposeAsync();
        _data.Dispose();
        _plan.Dispose();
    }

    private async Task<ServiceProcess> StartAsync(
        string project, List<ServiceProcess> list, params (string Name, string? Value)[] references)
    {
        var environment = references.Select(reference => KeyValuePair.Create(reference.Name, reference.Value))
            .Append(KeyValuePair.Create("ASPNETCORE_URLS", (string?)"http://127.0.0.1:0"));
        var process = ServiceProcess.Start(project, ReadyLine, _settings.Concat(environment));
        lock (_all)
        {
            _all.Add(process);
        }

        await process.WaitUntilReadyAsync();
        lock (_all)
        {
            list.Add(process);
        }

        return process;
    }

    private static string Authority(Uri address) => address.GetLeftPart(UriPartial.Authority);

    private IReadOnlyList<Uri> ApiAddresses()
    {
        lock (_all)
        {
            return [.. _apis.Select(AddressOf)];
        }
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);
}
