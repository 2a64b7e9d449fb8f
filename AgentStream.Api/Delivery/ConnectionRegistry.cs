using System.Collections.Concurrent;
using AgentStream.Access;
using AgentStream.Api.Telemetry;
using Microsoft.Extensions.Options;

namespace AgentStream.Api.Delivery;

/// <summary>The clients that listen to this process.</summary>
internal sealed class ConnectionRegistry
{
    private readonly int _maxConnections;
    private readonly CancellationToken _stopping;
    private readonly ConcurrentDictionary<ClientConnection, Caller> _connections = new();
    private int _places;

    public ConnectionRegistry(IOptions<ApiOptions> options, IHostApplicationLifetime lifetime)
    {
        (_maxConnections, _stopping) = (options.Value.MaxConnections, lifetime.ApplicationStopping);
        _stopping.Register(EndAll);
    }

    public IEnumerable<ClientConnection> All => _connections.Select(pair => pair.Key);

    /// <summary>Takes one of the places; dispose of it to give it back. <c>null</c>: there are no more.</summary>
    public ConnectionPermit? TryTakePermit()
    {
        if (Interlocked.Increment(ref _places) <= _maxConnections)
        {
            return new ConnectionPermit(this);
        }

        Interlocked.Decrement(ref _places);
        return null;
    }

    /// <summary>Ends the connections of some callers.</summary>
    public void EndWhere(Func<Caller, bool> isOne, Ending ending)
    {
        foreach (var (connection, caller) in _connections)
        {
            if (isOne(caller))
            {
                connection.End(ending);
            }
        }
    }

    private void EndAll()
    {
        foreach (var connection in All)
        {
            connection.End(Ending.GoingAway);
        }
    }

    /// <summary>The right to be connected.</summary>
    internal sealed class ConnectionPermit(ConnectionRegistry registry) : IDisposable
    {
        private ClientConnection? _connection;

        /// <summary>The place among those of its caller, given back together with this one.</summary>
        public IDisposable? PlaceOfCaller { get; set; }

        /// <summary>The same of its address.</summary>
        public IDisposable? PlaceOfAddress { get; set; }

        public void Occupy(ClientConnection connection, Caller caller)
        {
            _connection = connection;
            registry._connections.TryAdd(connection, caller);
            ApiTelemetry.ConnectedClients.Add(1, ApiTelemetry.Wire(connection.Wire));
            if (registry._stopping.IsCancellationRequested)
            {
                connection.End(Ending.GoingAway);
            }
        }

        public void Dispose()
        {
            if (_connection is { } connection)
            {
                registry._connections.TryRemove(connection, out _);
                ApiTelemetry.ConnectedClients.Add(-1, ApiTelemetry.Wire(connection.Wire));
            }

            PlaceOfCaller?.Dispose();
            PlaceOfAddress?.Dispose();
            Interlocked.Decrement(ref registry._places);
        }
    }
}
