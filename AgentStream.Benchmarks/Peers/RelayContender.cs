using AgentStream.Benchmarks.Load;
using AgentStream.Benchmarks.Processes;

namespace AgentStream.Benchmarks.Peers;

/// <summary>
/// A peer: servers that hold sockets, something in between, and publishers that read the model's streams. None of them keeps anything.
/// </summary>
internal sealed class RelayContender : Contender
{
    private readonly string _kind;
    private readonly string _scripts;
    private readonly StampedModel _model;
    private readonly Func<string, ViewerProtocol> _viewer;
    private readonly int _publishPort;
    private readonly RedisProcess? _redis;
    private TimeSpan _ended;
    private List<MeasuredProcess> _publishers = [];

    private RelayContender(
        string name,
        string kind,
        string scripts,
        StampedModel model,
        Func<string, ViewerProtocol> viewer,
        IReadOnlyList<(MeasuredProcess Process, int Port)> servers,
        int publishPort,
        RedisProcess? redis)
    {
        Name = name;
        Servers = [.. servers.Select(server => server.Process)];
        Ports = [.. servers.Select(server => server.Port)];
        _kind = kind;
        _scripts = scripts;
        _model = model;
        _viewer = viewer;
        _publishPort = publishPort;
        _redis = redis;
    }

    public override string Name { get; }

    public override IReadOnlyList<MeasuredProcess> Servers { get; }

    public override IReadOnlyList<int> Ports { get; }

    public override RedisProcess? Redis => _redis;

    public override TimeSpan Cpu
        => ServerCpu
            + _publishers.Aggregate(_ended, (sum, publisher) => sum + publisher.Cpu)
            + (_redis?.Process.Cpu ?? TimeSpan.Zero);

    /// <summary>Node's <c>ws</c> and a Redis channel.</summary>
    public static async Task<Contender> WsAsync(string scripts, StampedModel model, CancellationToken cancellationToken)
        => await NodeAsync("ws + Redis", "redis", "relay-ws.mjs", scripts, model, static _ => new RelayViewer(), 1, cancellationToken);

    /// <summary>socket.io and its Redis adapter, on so many servers.</summary>
    public static async Task<Contender> SocketIOAsync(
        string scripts, StampedModel model, int servers, CancellationToken cancellationToken)
        => await NodeAsync(
            "socket.io + Redis", "socketio", "relay-socketio.mjs", scripts, model, static session => new SocketIOViewer(session), servers,
            cancellationToken);

    /// <summary><c>WebSocket.SendAsync</c> in a loop over all sockets, on Kestrel, and a Redis channel.</summary>
    public static async Task<Contender> SendLoopAsync(string scripts, StampedModel model, CancellationToken cancellationToken)
    {
        var redis = await RedisProcess.StartAsync(cancellationToken);
        var port = FreePorts.Next();
        var server = await MeasuredProcess.StartAsync(
            "SendAsync", "dotnet", [Own, "peer-sendasync", $"{redis.Port}", $"{port}"], "ready", [], cancellationToken);
        return new RelayContender(
            "SendAsync loop", "redis", scripts, model, static _ => new RelayViewer(), [(server, port)], redis.Port, redis);
    }

    /// <summary>A hub of SignalR; it is only connected to.</summary>
    public static async Task<Contender> SignalRAsync(string scripts, StampedModel model, CancellationToken cancellationToken)
    {
        var port = FreePorts.Next();
        var server = await MeasuredProcess.StartAsync(
            "SignalR", "dotnet", [Own, "peer-signalr", $"{port}"], "ready", [], cancellationToken);
        return new RelayContender("SignalR", "none", scripts, model, static _ => new SignalRViewer(), [(server, port)], 0, null);
    }

    /// <summary>nats-server with its WebSocket port, in memory.</summary>
    public static async Task<Contender> NatsAsync(string scripts, StampedModel model, CancellationToken cancellationToken)
    {
        var (port, publishPort) = (FreePorts.Next(), FreePorts.Next());
        var settings = $"host: 127.0.0.1\nport: {publishPort}\nwebsocket {{ host: 127.0.0.1, port: {port}, no_tls: true }}\n";
        var server = await WithFileAsync(
            settings,
            file => MeasuredProcess.StartAsync("nats-server", "nats-server", ["-c", file], "Server is ready", [], cancellationToken));
        return new RelayContender(
            "NATS (memory)", "nats", scripts, model, static _ => new NatsViewer(), [(server, port)], publishPort, null);
    }

    /// <summary>nginx with nchan, in memory: one worker process, which is the process that is measured.</summary>
    public static async Task<Contender> NchanAsync(string scripts, StampedModel model, CancellationToken cancellationToken)
    {
        var port = FreePorts.Next();
        var pid = Path.Combine(Path.GetTempPath(), $"agentstream-benchmark-nginx-{port}.pid");
        var settings = $$"""
            load_module modules/ngx_nchan_module.so;
            daemon off;
            master_process off;
            pid {{pid}};
            error_log stderr notice;
            worker_rlimit_nofile 65536;
            events { worker_connections 20000; }
            http {
              access_log off;
              server {
                listen 127.0.0.1:{{port}};
                location = /publish { nchan_publisher websocket; nchan_channel_id room; nchan_message_buffer_length 100; }
                location = / { nchan_subscriber websocket; nchan_channel_id room; nchan_subscriber_first_message newest; }
              }
            }
            """;
        var server = await WithFileAsync(
            settings,
            file => MeasuredProcess.StartAsync(
                "nginx", "nginx", ["-p", "/usr/share/nginx", "-c", file, "-e", "stderr"], "RLIMIT_NOFILE", [], cancellationToken));
        return new RelayContender("nchan (memory)", "nchan", scripts, model, static _ => new NchanViewer(), [(server, port)], port, null);
    }

    public override ViewerProtocol Viewer(string session) => _viewer(session);

    public override async Task StreamAsync(IReadOnlyList<string> sessions, int rate, int tokens, CancellationToken cancellationToken)
    {
        await EndPublishersAsync();
        foreach (var part in sessions.Chunk((sessions.Count + Servers.Count - 1) / Servers.Count))
        {
            string[] arguments =
            [
                Path.Combine(_scripts, "publish.mjs"), _kind, $"{_publishPort}", _model.Address, StampedModel.Message(rate, tokens),
                string.Join(',', part),
            ];
            _publishers.Add(await MeasuredProcess.StartAsync("publisher", "node", arguments, "ready", [], cancellationToken));
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await EndPublishersAsync();
        foreach (var server in Servers)
        {
            await server.DisposeAsync();
        }

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
        Func<string, ViewerProtocol> viewer,
        int count,
        CancellationToken cancellationToken)
    {
        var redis = await RedisProcess.StartAsync(cancellationToken);
        List<(MeasuredProcess Process, int Port)> servers = [];
        for (var number = 0; number < count; number++)
        {
            var port = FreePorts.Next();
            servers.Add((
                await MeasuredProcess.StartAsync(
                    name, "node", [Path.Combine(scripts, script), $"{redis.Port}", $"{port}"], "ready", [], cancellationToken),
                port));
        }

        return new RelayContender(name, kind, scripts, model, viewer, servers, redis.Port, redis);
    }

    private static async Task<MeasuredProcess> WithFileAsync(string text, Func<string, Task<MeasuredProcess>> start)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, text);
        try
        {
            return await start(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task EndPublishersAsync()
    {
        var last = _publishers;
        _publishers = [];
        foreach (var publisher in last)
        {
            _ended += publisher.Cpu;
            await publisher.DisposeAsync();
        }
    }
}
