using AgentStream.Benchmarks.Load;
using AgentStream.Benchmarks.Processes;

namespace AgentStream.Benchmarks.Peers;

/// <summary>
/// A peer: a server that holds sockets, something in between, and a publisher that reads the model's stream. None of them keeps anything.
/// </summary>
internal sealed class RelayContender : Contender
{
    private readonly string _kind;
    private readonly string _scripts;
    private readonly StampedModel _model;
    private readonly Func<ViewerProtocol> _viewer;
    private readonly int _publishPort;
    private readonly RedisProcess? _redis;
    private TimeSpan _publishers;
    private MeasuredProcess? _publisher;

    private RelayContender(
        string name,
        string kind,
        string scripts,
        StampedModel model,
        Func<ViewerProtocol> viewer,
        MeasuredProcess server,
        int port,
        int publishPort,
        RedisProcess? redis)
    {
        Name = name;
        Server = server;
        Port = port;
        _kind = kind;
        _scripts = scripts;
        _model = model;
        _viewer = viewer;
        _publishPort = publishPort;
        _redis = redis;
    }

    public override string Name { get; }

    public override MeasuredProcess Server { get; }

    public override int Port { get; }

    public override RedisProcess? Redis => _redis;

    public override TimeSpan Cpu => Server.Cpu + _publishers + (_publisher?.Cpu ?? TimeSpan.Zero) + (_redis?.Process.Cpu ?? TimeSpan.Zero);

    /// <summary>Node's <c>ws</c> and a Redis channel.</summary>
    public static async Task<Contender> WsAsync(string scripts, StampedModel model, CancellationToken cancellationToken)
        => await NodeAsync("ws + Redis", "redis", "relay-ws.mjs", scripts, model, static () => new RelayViewer(), cancellationToken);

    /// <summary>socket.io and its Redis adapter.</summary>
    public static async Task<Contender> SocketIOAsync(string scripts, StampedModel model, CancellationToken cancellationToken)
        => await NodeAsync(
            "socket.io + Redis", "socketio", "relay-socketio.mjs", scripts, model, static () => new SocketIOViewer(), cancellationToken);

    /// <summary><c>WebSocket.SendAsync</c> in a loop over all sockets, on Kestrel, and a Redis channel.</summary>
    public static async Task<Contender> SendLoopAsync(string scripts, StampedModel model, CancellationToken cancellationToken)
    {
        var redis = await RedisProcess.StartAsync(cancellationToken);
        var port = FreePorts.Next();
        var server = await MeasuredProcess.StartAsync(
            "SendAsync", "dotnet", [Own, "peer-sendasync", $"{redis.Port}", $"{port}"], "ready", [], cancellationToken);
        return new RelayContender(
            "SendAsync loop", "redis", scripts, model, static () => new RelayViewer(), server, port, redis.Port, redis);
    }

    /// <summary>A hub of SignalR; it is only connected to.</summary>
    public static async Task<Contender> SignalRAsync(string scripts, StampedModel model, CancellationToken cancellationToken)
    {
        var port = FreePorts.Next();
        var server = await MeasuredProcess.StartAsync(
            "SignalR", "dotnet", [Own, "peer-signalr", $"{port}"], "ready", [], cancellationToken);
        return new RelayContender("SignalR", "none", scripts, model, static () => new SignalRViewer(), server, port, 0, null);
    }

    /// <summary>nats-server with its WebSocket port, in memory.</summary>
    public static async Task<Contender> NatsAsync(string scripts, StampedModel model, CancellationToken cancellationToken)
    {
        var (port, publishPort) = (FreePorts.Next(), FreePorts.Next());
        var file = Path.Combine(Path.GetTempPath(), $"agentstream-benchmark-nats-{port}.conf");
        await File.WriteAllTextAsync(
            file, $"host: 127.0.0.1\nport: {publishPort}\nwebsocket {{ host: 127.0.0.1, port: {port}, no_tls: true }}\n",
            cancellationToken);
        var server = await MeasuredProcess.StartAsync("nats-server", "nats-server", ["-c", file], "Server is ready", [], cancellationToken);
        File.Delete(file);
        return new RelayContender("NATS (memory)", "nats", scripts, model, static () => new NatsViewer(), server, port, publishPort, null);
    }

    public override ViewerProtocol Viewer(string session) => _viewer();

    public override async Task StreamAsync(string session, int rate, int tokens, CancellationToken cancellationToken)
    {
        await EndPublisherAsync();
        string[] arguments =
        [
            Path.Combine(_scripts, "publish.mjs"), _kind, $"{_publishPort}", _model.Address, StampedModel.Message(rate, tokens),
        ];
        _publisher = await MeasuredProcess.StartAsync("publisher", "node", arguments, "ready", [], cancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        await EndPublisherAsync();
        await Server.DisposeAsync();
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }

    private static string Own => typeof(RelayContender).Assembly.Location;

    private static async Task<Contender> NodeAsync(
        string name,
        string kind,
        string script,
        string scripts,
        StampedModel model,
        Func<ViewerProtocol> viewer,
        CancellationToken cancellationToken)
    {
        var redis = await RedisProcess.StartAsync(cancellationToken);
        var port = FreePorts.Next();
        var server = await MeasuredProcess.StartAsync(
            name, "node", [Path.Combine(scripts, script), $"{redis.Port}", $"{port}"], "ready", [], cancellationToken);
        return new RelayContender(name, kind, scripts, model, viewer, server, port, redis.Port, redis);
    }

    private async Task EndPublisherAsync()
    {
        if (_publisher is { } last)
        {
            _publisher = null;
            _publishers += last.Cpu;
            await last.DisposeAsync();
        }
    }
}
