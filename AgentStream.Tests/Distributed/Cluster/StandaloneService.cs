using System.Globalization;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Distributed.Cluster;

/// <summary>Standalone in a process of its own, on its own ports and its own data directory, to be killed and started again.</summary>
internal sealed class StandaloneService : IAsyncDisposable
{
    private readonly TemporaryDirectory _data = new();
    private readonly int[] _ports = FreePorts.Take(2);
    private readonly Dictionary<string, string?> _environment;
    private ServiceProcess? _process;

    public StandaloneService(params (string Name, string? Value)[] settings)
    {
        _environment = new Dictionary<string, string?>
        {
            ["AgentStream__DataDirectory"] = _data.Path,
            ["AgentStream__Standalone__ApiPort"] = _ports[0].ToString(CultureInfo.InvariantCulture),
            ["AgentStream__Standalone__WebPort"] = _ports[1].ToString(CultureInfo.InvariantCulture),
            ["AgentStream__Models__Demo__TokensPerSecond"] = "0",
        };
        foreach (var (name, value) in settings)
        {
            _environment[name] = value;
        }
    }

    /// <summary>The folder that it was published to; null: its built output.</summary>
    public string? Folder { get; init; }

    public Uri Api => new($"http://localhost:{_ports[0]}");

    public Uri Web => new($"http://localhost:{_ports[1]}");

    public string DataDirectory => _data.Path;

    public ServiceProcess Process => _process ?? throw new InvalidOperationException("Not started.");

    public async Task StartAsync()
    {
        _process = Launch();
        await _process.WaitUntilReadyAsync();
    }

    /// <summary>One more process with the same settings.</summary>
    public ServiceProcess Launch(params (string Name, string? Value)[] settings) => ServiceProcess.Start(
        "AgentStream.Standalone",
        "AgentStream runs",
        _environment.Concat(settings.Select(setting => KeyValuePair.Create(setting.Name, setting.Value))),
        Folder);

    public ChatSocket Socket(string sessionId) => new(Api, sessionId);

    /// <summary>How many notes were really written, over all sessions.</summary>
    public int CountNotes() => Directory.Exists(Path.Combine(DataDirectory, "notes"))
        ? Directory.EnumerateFiles(Path.Combine(DataDirectory, "notes"), "*", SearchOption.AllDirectories)
            .Sum(file => File.ReadLines(file).Count())
        : 0;

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _data.Dispose();
    }
}
