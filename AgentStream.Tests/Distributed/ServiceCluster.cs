using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Distributed;

/// <summary>Redis and the real service processes, with the environment that the AppHost would give them. On the full feed Aspire starts the same.</summary>
internal sealed partial class ServiceCluster : IAsyncDisposable
{
    private const string ReadyLine = "Application started.";
    private const string ListeningOn = "Now listening on: ";

    private readonly TemporaryDirectory _data = new();
    private readonly TemporaryDirectory _plan = new();
    private readonly Dictionary<string, string?> _environment = [];
    private readonly List<ServiceProcess> _all = [];
    private readonly List<ServiceProcess> _apis = [];
    private readonly List<ServiceProcess> _workers = [];

    private ServiceCluster(RedisServer redis) => Redis = redis;

    public RedisServer Redis { get; }

    public IReadOnlyList<ServiceProcess> Apis => _apis;

    public IReadOnlyList<ServiceProcess> Workers => _workers;

    /// <param name="plan">The scripted model's plan.</param>
    /// <param name="apis">How many API servers.</param>
    /// <param name="workers">How many workers.</param>
    /// <param name="settings">Beyond those that all tests want: short leases, and a short farewell.</param>
    public static async Task<ServiceCluster> StartAsync(string plan, int apis = 2, int workers = 2, params (string Name, string? Value)[] settings)
    {
        var cluster = new ServiceCluster(await RedisServer.StartAsync("--appendonly", "yes", "--maxmemory-policy", "noeviction"));
        await File.WriteAllTextAsync(cluster._plan.File("plan.json"), plan);
        (string Name, string? Value)[] all =
        [
            ("ConnectionStrings__redis", cluster.Redis.ConnectionString),
            ("ASPNETCORE_URLS", "http://127.0.0.1:0"),
            ("AgentStream__DataDirectory", cluster._data.Path),
            ("AgentStream__Models__scripted__ScriptPath", cluster._plan.File("plan.json")),
            ("AgentStream__DefaultModel", "scripted"),
            ("AgentStream__Messaging__LeaseDuration", "00:00:03"),
            ("AgentStream__Worker__ShutdownGrace", "00:00:00.100"),
            .. settings,
        ];
        foreach (var (name, value) in all)
        {
            cluster._environment[name] = value;
        }

        await Task.WhenAll([
            .. Enumerable.Range(0, apis).Select(_ => cluster.StartApiAsync()),
            .. Enumerable.Range(0, workers).Select(_ => cluster.StartWorkerAsync())]);
        return cluster;
    }

    public Task<ServiceProcess> StartApiAsync() => StartAsync("AgentStream.Api", _apis);

    public Task<ServiceProcess> StartWorkerAsync() => StartAsync("AgentStream.Worker", _workers);

    /// <summary>Sees to it that there are as many servers and workers as a test expects, whatever the one before did to them.</summary>
    public async Task RestoreAsync(int apis, int workers)
    {
        _apis.RemoveAll(process => process.HasExited);
        _workers.RemoveAll(process => process.HasExited);
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
        _apis.Remove(process);
        _workers.Remove(process);
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

    /// <summary>Lets the scripted model go on where it waits for this file.</summary>
    public Task OpenGateAsync(string name) => File.WriteAllTextAsync(_plan.File(name), "");

    public string NotesFile(string sessionId) => Path.Combine(_data.Path, "notes", $"session-{sessionId}.jsonl");

    /// <summary>Which calls wrote a note, one for each note.</summary>
    public IReadOnlyList<string> CallsWithNotes(string sessionId) => File.Exists(NotesFile(sessionId))
        ? [.. File.ReadLines(NotesFile(sessionId)).Where(line => line.EndsWith('}')).Select(line => JsonElement.Parse(line).GetProperty("tool_call_id").GetString()!)]
        : [];

    /// <summary>Makes the session's next <c>save_note</c> stop where it reads the notebook, until the returned gate is opened.</summary>
    public ToolGate BlockNotes(string sessionId)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(NotesFile(sessionId))!);
        Assert.Equal(0, MakeFifo(NotesFile(sessionId), 0x180));
        return new ToolGate(NotesFile(sessionId));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _all)
        {
            await process.DisposeAsync();
        }

        await Redis.DisposeAsync();
        _data.Dispose();
        _plan.Dispose();
    }

    private async Task<ServiceProcess> StartAsync(string project, List<ServiceProcess> list)
    {
        var process = ServiceProcess.Start(project, ReadyLine, _environment);
        lock (_all)
        {
            _all.Add(process);
            list.Add(process);
        }

        await process.WaitUntilReadyAsync();
        return process;
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);
}
