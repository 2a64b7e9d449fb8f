using System.Net.Http.Json;
using AgentStream.Benchmarks.Load;
using AgentStream.Benchmarks.Processes;

namespace AgentStream.Benchmarks.Peers;

/// <summary>Ours, as operators run it: an API server, a worker and a durable Redis, from a solution that was built in Release.</summary>
internal sealed class AgentStreamContender : Contender
{
    private const string ReadyLine = "Application started.";
    private const string Listening = "Now listening on: ";

    private readonly RedisProcess _redis;
    private readonly MeasuredProcess _api;
    private readonly MeasuredProcess _worker;
    private readonly HttpClient _http;
    private readonly DirectoryInfo _data;

    private AgentStreamContender(string name, RedisProcess redis, MeasuredProcess api, MeasuredProcess worker, DirectoryInfo data)
    {
        Name = name;
        _redis = redis;
        _api = api;
        _worker = worker;
        _data = data;
        var line = api.Lines.First(line => line.Contains(Listening, StringComparison.Ordinal));
        var address = new Uri(line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..]);
        Port = address.Port;
        _http = new HttpClient { BaseAddress = address };
    }

    public override string Name { get; }

    public override MeasuredProcess Server => _api;

    public override int Port { get; }

    public override RedisProcess Redis => _redis;

    public override TimeSpan Cpu => _api.Cpu + _worker.Cpu + _redis.Process.Cpu;

    /// <summary>CPU time of the worker alone.</summary>
    public TimeSpan WorkerCpu => _worker.Cpu;

    /// <param name="name">The name in the tables.</param>
    /// <param name="solution">The folder of the solution whose Release build is run.</param>
    /// <param name="model">The model server that its worker asks.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<AgentStreamContender> StartAsync(
        string name, string solution, StampedModel model, CancellationToken cancellationToken)
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
        ];
        var api = await MeasuredProcess.StartAsync(
            "api", "dotnet", [Build.PathOf(solution, "AgentStream.Api")], ReadyLine, settings, cancellationToken);
        var worker = await MeasuredProcess.StartAsync(
            "worker", "dotnet", [Build.PathOf(solution, "AgentStream.Worker")], ReadyLine, settings, cancellationToken);
        return new AgentStreamContender(name, redis, api, worker, data);
    }

    public override ViewerProtocol Viewer(string session) => new AgentStreamViewer(session);

    public override async Task StreamAsync(string session, int rate, int tokens, CancellationToken cancellationToken)
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
        await _worker.DisposeAsync();
        await _api.DisposeAsync();
        await _redis.DisposeAsync();
        _data.Delete(recursive: true);
    }
}
