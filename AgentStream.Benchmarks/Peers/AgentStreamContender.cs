using System.Net.Http.Json;
using AgentStream.Benchmarks.Inside;
using AgentStream.Benchmarks.Load;
using AgentStream.Benchmarks.Processes;

namespace AgentStream.Benchmarks.Peers;

/// <summary>Ours, as operators run it: API servers, workers and a durable Redis, from a solution that was built in Release.</summary>
internal sealed class AgentStreamContender : Contender
{
    private const string ReadyLine = "Application started.";
    private const string Listening = "Now listening on: ";

    private readonly RedisProcess _redis;
    private readonly IReadOnlyList<MeasuredProcess> _workers;
    private readonly HttpClient _http;
    private readonly DirectoryInfo _data;
    private readonly string? _probe;

    private AgentStreamContender(
        string name, RedisProcess redis, IReadOnlyList<MeasuredProcess> apis, IReadOnlyList<MeasuredProcess> workers, DirectoryInfo data,
        string? probe, string? token)
    {
        Name = name;
        _redis = redis;
        Servers = apis;
        _workers = workers;
        _data = data;
        _probe = probe;
        Ports = [.. apis.Select(PortOf)];
        Token = token;
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Ports[0]}") };
        if (token is not null)
        {
            _http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", token);
        }
    }

    /// <summary>Asks the first API server, as who may.</summary>
    public HttpClient Http => _http;

    /// <summary>What says who asks; null: nobody is asked.</summary>
    public string? Token { get; }

    public override string Name { get; }

    public override IReadOnlyList<MeasuredProcess> Servers { get; }

    public override IReadOnlyList<int> Ports { get; }

    public override RedisProcess Redis => _redis;

    public override long Allocated => _probe is null ? 0 : AllocationProbe.Ask(_probe);

    public override TimeSpan Cpu
        => ServerCpu + _workers.Aggregate(TimeSpan.Zero, (sum, worker) => sum + worker.Cpu) + _redis.Process.Cpu;

    /// <param name="name">The name in the tables.</param>
    /// <param name="solution">The folder of the solution whose Release build is run.</param>
    /// <param name="model">The model server that its workers ask.</param>
    /// <param name="servers">The number of API servers, and of workers.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="isProbed">Whether it tells what its one API server allocates.</param>
    /// <param name="token">What callers have to bring; null: nobody is asked who they are.</param>
    public static async Task<AgentStreamContender> StartAsync(
        string name, string solution, StampedModel model, int servers, CancellationToken cancellationToken, bool isProbed = false,
        string? token = null)
    {
        var data = Directory.CreateTempSubdirectory("agentstream-benchmark-data-");
        var redis = await RedisProcess.StartAsync(cancellationToken);
        List<KeyValuePair<string, string>> settings =
        [
            new("ConnectionStrings__redis", $"127.0.0.1:{redis.Port}"),
            new("ASPNETCORE_URLS", "http://127.0.0.1:0"),
            new("AgentStream__DataDirectory", data.FullName),
            new("OPENAI_API_KEY", "none"),
            new("OPENAI_API_BASE", model.Address),
            new("MODEL_NAME", "bench"),
            new("AgentStream__Worker__MaxConcurrentRuns", "200"),
            // What protects people and their money is not what is measured.
            new("AgentStream__Models__openai__MaxConcurrentRequests", "200"),
            new("AgentStream__Agents__analyst__Limits__OutputCharacters", "100000000"),
            new("AgentStream__Agents__analyst__Limits__MaxTokens", "100000000"),
            .. token is null ? [] : BenchmarkToken.Settings,
        ];
        var probe = isProbed ? Path.Combine(data.FullName, "allocations") : null;
        List<MeasuredProcess> apis = [];
        List<MeasuredProcess> workers = [];
        for (var number = 0; number < servers; number++)
        {
            apis.Add(await MeasuredProcess.StartAsync(
                "api",
                "dotnet",
                [Build.PathOf(solution, "AgentStream.Api")],
                ReadyLine,
                probe is null ? settings : settings.Concat(Hook.Settings(Hook.Allocations, probe)),
                cancellationToken));
            workers.Add(await MeasuredProcess.StartAsync(
                "worker", "dotnet", [Build.PathOf(solution, "AgentStream.Worker")], ReadyLine, settings, cancellationToken));
        }

        return new AgentStreamContender(name, redis, apis, workers, data, probe, token);
    }

    public override ViewerProtocol Viewer(string session) => new AgentStreamViewer(session, token: Token);

    public override Task StreamAsync(IReadOnlyList<string> sessions, int rate, int tokens, CancellationToken cancellationToken)
        => Parallel.ForEachAsync(sessions, cancellationToken, async (session, cancel) => await AskAsync(session, rate, tokens, cancel));

    private async Task AskAsync(string session, int rate, int tokens, CancellationToken cancellationToken)
    {
        var body = new { message = StampedModel.Message(rate, tokens), agent_name = "analyst" };
        using var answer = await _http.PostAsJsonAsync($"/api/sessions/{session}/messages", body, cancellationToken);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"The message was not taken: {await answer.Content.ReadAsStringAsync(cancellationToken)}");
        }
    }

    public override async ValueTask DisposeAsync()
    {
        _http.Dispose();
        foreach (var process in _workers.Concat(Servers))
        {
            await process.DisposeAsync();
        }

        await _redis.DisposeAsync();
        _data.Delete(recursive: true);
    }

    private static int PortOf(MeasuredProcess api)
    {
        var line = api.Lines.First(line => line.Contains(Listening, StringComparison.Ordinal));
        return new Uri(line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..]).Port;
    }
}
