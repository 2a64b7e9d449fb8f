using System.Globalization;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Connection.Routes;

/// <summary>Leads the client's connections to the primary that Sentinels name, and to the next one the moment that there is one.</summary>
/// <remarks>
/// The client's own way with Sentinel goes on writing to a primary that was replaced in good order until that is told so, for some ten
/// seconds, and all of it is lost.
/// Here the client knows one server, whose name is the service's. Where that is, is asked with each connection; when a failover
/// begins, the connections are cut, and the next ones wait for the new primary.
/// </remarks>
internal sealed class SentinelRoute(ConfigurationOptions redis, string? user, string? password)
    : PatientTunnel(PatienceOf(redis)), IDisposable
{
    /// <summary>A failover that is not over after this is forgotten.</summary>
    private static readonly TimeSpan LongestFailover = TimeSpan.FromSeconds(10);

    /// <summary>The time within which all Sentinels have heard of a promotion; until then some still name the one before.</summary>
    private static readonly TimeSpan NewsSpreads = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan RecheckPause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly string _service = redis.ServiceName!;
    private readonly List<WeakReference<Socket>> _sockets = [];
    private readonly List<SentinelPeer> _peers = [];
    private (EndPoint Primary, long Since)? _promoted;
    private EndPoint? _current;
    private long? _heldSince;
    private long? _recheckedAt;
    private bool _isDisposed;

    /// <summary>Called when the primary is about to be another one.</summary>
    public Action<string>? FailoverBegan { get; set; }

    /// <summary>Called when connections lead to another primary.</summary>
    public Action<string>? Moved { get; set; }

    /// <summary>What the Sentinels call the primary and its replicas.</summary>
    public string Service => _service;

    /// <summary>Whether a failover has begun and there is no new primary yet; <see cref="SentinelWatch"/> says so.</summary>
    public bool IsHeld => _heldSince is { } since && TimeProvider.System.GetElapsedTime(since) < LongestFailover;

    /// <summary>Takes the place of the client's own way: from here on it knows one server.</summary>
    /// <param name="options">As they were read; this route has a copy with the Sentinels.</param>
    public void TakeOver(ConfigurationOptions options)
    {
        options.ServiceName = null;
        options.EndPoints.Clear();
        options.EndPoints.Add(new DnsEndPoint(_service, 6379));
        options.Tunnel = this;
    }

    public override async ValueTask<EndPoint?> GetSocketConnectEndpointAsync(EndPoint endpoint, CancellationToken cancellationToken)
    {
        EndPoint? found = null;
        var isFound = await WaitForAsync(
            async () => (found = await FindPrimaryAsync()) is { } primary && await AcceptsAsync(primary, cancellationToken),
            cancellationToken);
        if (!isFound)
        {
            // No socket, and then no connection: see below.
            return null;
        }

        EndPoint? before;
        lock (_gate)
        {
            (before, _current) = (_current, found);
        }

        if (before is not null && !before.Equals(found))
        {
            Moved?.Invoke(TextOf(found!));
        }

        return found;
    }

    public override ValueTask<Stream?> BeforeAuthenticateAsync(
        EndPoint endpoint, ConnectionType connectionType, Socket? socket, CancellationToken cancellationToken)
    {
        if (socket is null)
        {
            throw new IOException($"No Sentinel knows a primary of '{_service}' that can be reached.");
        }

        bool isHeld;
        lock (_gate)
        {
            _sockets.RemoveAll(known => !known.TryGetTarget(out var other) || !other.Connected);
            _sockets.Add(new WeakReference<Socket>(socket));
            isHeld = IsHeld;
        }

        return isHeld ? throw new IOException($"Another primary of '{_service}' is about to be named.") : default;
    }

    /// <summary>Where the connections lead turned out not to be a primary: they are made anew, and Sentinels are asked.</summary>
    public void Recheck()
    {
        lock (_gate)
        {
            if (_recheckedAt is { } at && TimeProvider.System.GetElapsedTime(at) < RecheckPause)
            {
                return;
            }

            _recheckedAt = TimeProvider.System.GetTimestamp();
            _promoted = null;
        }

        Cut();
    }

    /// <summary>Takes a Sentinel's news.</summary>
    public void Hear(string channel, string message)
    {
        switch (channel, message.Split(' '))
        {
            case ("+failover-state-send-slaveof-noone", [_, _, _, _, _, var service, ..]) when service == _service:
                Hold();
                break;
            case ("+promoted-slave", [_, _, var host, var port, _, var service, ..]) when service == _service:
                Promote(EndPointOf(host, port));
                break;
            case ("+switch-master", [var service, _, _, var host, var port]) when service == _service:
                Promote(EndPointOf(host, port));
                break;
            case (['-', ..], [_, var service, ..]) when service == _service:
                lock (_gate)
                {
                    _heldSince = null;
                }

                break;
            default:
                break;
        }
    }

    public void Dispose()
    {
        List<SentinelPeer> peers;
        lock (_gate)
        {
            _isDisposed = true;
            peers = [.. _peers];
            _peers.Clear();
        }

        peers.ForEach(peer => peer.Dispose());
    }

    /// <summary>
    /// Gets the primary that most of the Sentinels name; <c>null</c>: they name none, or are away, or a failover is under way.
    /// </summary>
    public async Task<EndPoint?> FindPrimaryAsync()
    {
        List<SentinelPeer> peers;
        lock (_gate)
        {
            if (IsHeld || _isDisposed)
            {
                return null;
            }

            if (_promoted is { } promoted && TimeProvider.System.GetElapsedTime(promoted.Since) < NewsSpreads)
            {
                return promoted.Primary;
            }

            if (_peers.Count == 0)
            {
                _peers.AddRange(redis.EndPoints.Select(sentinel => new SentinelPeer(sentinel, redis, user, password, Hear)));
            }

            peers = [.. _peers];
        }

        // One that is away is not waited for where the others agree.
        List<EndPoint> votes = [];
        var asking = peers.ConvertAll(peer => peer.AskAsync(_service));
        while (asking.Count > 0)
        {
            var answer = await Task.WhenAny(asking);
            asking.Remove(answer);
            if (await answer is { } primary)
            {
                votes.Add(primary);
                if (votes.Count(vote => vote.Equals(primary)) > peers.Count / 2)
                {
                    return primary;
                }
            }
        }

        return votes.GroupBy(vote => vote).OrderByDescending(same => same.Count()).FirstOrDefault()?.Key;
    }

    /// <summary>What is written from now on may be lost: nothing is, until there is a new primary.</summary>
    private void Hold()
    {
        lock (_gate)
        {
            if (IsHeld)
            {
                return;
            }

            _heldSince = TimeProvider.System.GetTimestamp();
        }

        Cut();
        FailoverBegan?.Invoke(_service);
    }

    private void Promote(EndPoint primary)
    {
        bool isElsewhere;
        lock (_gate)
        {
            _heldSince = null;
            _promoted = (primary, TimeProvider.System.GetTimestamp());
            isElsewhere = !primary.Equals(_current);
        }

        if (isElsewhere)
        {
            Cut();
        }
    }

    private void Cut()
    {
        List<Socket> sockets = [];
        lock (_gate)
        {
            foreach (var known in _sockets)
            {
                if (known.TryGetTarget(out var socket))
                {
                    sockets.Add(socket);
                }
            }

            _sockets.Clear();
        }

        foreach (var socket in sockets)
        {
            try
            {
                socket.Shutdown(SocketShutdown.Both);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // Gone already.
            }
        }
    }

    private static EndPoint EndPointOf(string host, string port)
    {
        var number = int.Parse(port, CultureInfo.InvariantCulture);
        return IPAddress.TryParse(host, out var address) ? new IPEndPoint(address, number) : new DnsEndPoint(host, number);
    }

    private static string TextOf(EndPoint endpoint) => endpoint is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : endpoint.ToString()!;
}
