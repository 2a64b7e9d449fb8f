using AgentStream.Access;
using AgentStream.Api;
using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Connections;
using AgentStream.Api.Delivery;
using AgentStream.Api.ServerSentEvents;
using AgentStream.Api.Telemetry;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Telemetry;
using AgentStream.Tests.Simulation.Engine;
using AgentStream.Tests.Simulation.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Simulation.Nodes;

/// <summary>
/// An API server from the upgraded socket inwards: connections, broadcasts, commands and the service that looks after them.
/// </summary>
internal sealed class ServerNode
{
    private readonly SessionBroadcasts _sessions;
    private readonly SessionCommands _commands;
    private readonly ConnectionRegistry _connections;
    private readonly HeartbeatService _heartbeat;
    private readonly ApiOptions _options;
    private readonly Life _life = new();
    private readonly ILoggerFactory _loggers;

    public ServerNode(SimProcess process, SimHome home, ApiOptions options)
    {
        (Process, _options, _loggers) = (process, options, SimLog.For(process));
        var wrapped = Options.Create(options);
        var clock = process.Clock;
        var draws = process.World.Draws;
        _sessions = new SessionBroadcasts(
            home, wrapped, new FirstDeliveries(new StoreSystem("simulated", "simulated")), clock,
            new Logger<SessionBroadcast>(_loggers))
        {
            Random = () => draws.Next($"jitter/{process.Name}"),
        };
        _commands = new SessionCommands(
            home, home, new CallerLimits(wrapped, new AccessWays()), wrapped, new KnownAgents(clock), clock,
            new Logger<SessionCommands>(_loggers));
        _connections = new ConnectionRegistry(wrapped, _life);
        _heartbeat = new HeartbeatService(_connections, _sessions, wrapped, clock, new Logger<HeartbeatService>(_loggers));
    }

    public SimProcess Process { get; }

    public bool IsUp => Process.IsAlive && !_life.ApplicationStopping.IsCancellationRequested;

    public Task StartAsync() => _heartbeat.StartAsync(CancellationToken.None);

    /// <summary>Goes away in good order: every client is told so.</summary>
    public void Stop() => _life.StopApplication();

    /// <summary>Takes a client in, as the endpoint does; the answer is a status of HTTP.</summary>
    public async Task<int> AcceptAsync(SessionId sessionId, string query, Wire wire, SimSocket socket)
    {
        if (!CursorQuery.TryRead(new QueryCollection(QueryHelpers.ParseQuery(query)), out var cursor, out _))
        {
            return StatusCodes.Status400BadRequest;
        }

        if (_connections.TryTakePermit() is not { } place)
        {
            return StatusCodes.Status503ServiceUnavailable;
        }

        try
        {
            var answer = await _sessions.OpenAsync(Caller.Local, sessionId, cursor, CancellationToken.None);
            if (answer.IsRefused(out _, out var opening))
            {
                place.Dispose();
                return StatusCodes.Status404NotFound;
            }

            if (wire == Wire.EventStream)
            {
                Process.World.Begin(StreamAsync(place, opening, new StreamRequest(socket), socket));
                return StatusCodes.Status200OK;
            }

            var connection = new SocketConnection(
                socket, socket.Break, opening, wire, _commands, new CommandPermit(Caller.Local, new OpenStanding()), null, _options,
                Process.Clock, new Logger<SocketConnection>(_loggers));
            Process.World.Begin(ServeAsync(connection, place, opening, socket));
            return StatusCodes.Status101SwitchingProtocols;
        }
        catch (StoreUnavailableException)
        {
            place.Dispose();
            return StatusCodes.Status503ServiceUnavailable;
        }
    }

    private async Task StreamAsync(
        ConnectionRegistry.ConnectionPermit place, Opening opening, StreamRequest request, SimSocket socket)
    {
        Process.World.Begin(request.WatchAsync());
        await using var session = opening;
        using var seat = place;
        var connection = new EventStreamConnection(
            request.Context, opening, () => TimeSpan.FromSeconds(1), Process.Clock, new Logger<EventStreamConnection>(_loggers));
        place.Occupy(connection, Caller.Local);
        await connection.RunAsync(TimeSpan.FromSeconds(1));
        socket.CloseServer();
    }

    private static async Task ServeAsync(
        SocketConnection connection, ConnectionRegistry.ConnectionPermit place, Opening opening, SimSocket socket)
    {
        await connection.RunAsync(place, Caller.Local, opening);
        socket.CloseServer();
    }

    private sealed class Life : IHostApplicationLifetime
    {
        private readonly CancellationTokenSource _stopping = new();

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => _stopping.Cancel();
    }
}
