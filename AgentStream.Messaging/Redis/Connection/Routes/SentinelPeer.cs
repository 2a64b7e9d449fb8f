using System.Net;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Connection.Routes;

/// <summary>One Sentinel: asked where the primary is, and heard. Each has a connection of its own, since any of them may lead a
/// failover, and only that one tells of its beginning.</summary>
internal sealed class SentinelPeer : IDisposable
{
    private const int DefaultPort = 26379;
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1);

    // A connection that does not come about is tried again after this.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    private static readonly RedisChannel[] Channels =
    [
        RedisChannel.Literal("+failover-state-send-slaveof-noone"), RedisChannel.Literal("+promoted-slave"),
        RedisChannel.Literal("+switch-master"), RedisChannel.Pattern("-failover-abort-*"),
    ];

    private readonly EndPoint _address;
    private readonly Task<ConnectionMultiplexer> _connecting;
    private readonly Action<string, string> _hear;

    /// <param name="address">Where it is.</param>
    /// <param name="redis">The settings of the connections to Redis: TLS is the same.</param>
    /// <param name="user">As which to sign in to it; <c>null</c>: the default one.</param>
    /// <param name="password">Its password; <c>null</c>: it wants none.</param>
    /// <param name="hear">Takes channel and message of what it says.</param>
    public SentinelPeer(EndPoint address, ConfigurationOptions redis, string? user, string? password, Action<string, string> hear)
    {
        _hear = hear;
        _address = address switch
        {
            DnsEndPoint { Port: 0 } dns => new DnsEndPoint(dns.Host, DefaultPort),
            IPEndPoint { Port: 0 } ip => new IPEndPoint(ip.Address, DefaultPort),
            _ => address,
        };
        var options = redis.Clone();
        options.EndPoints.Clear();
        options.EndPoints.Add(_address);
        options.ServiceName = null;
        options.CommandMap = CommandMap.Sentinel;
        options.DefaultDatabase = null;
        (options.User, options.Password) = (user, password);
        (options.TieBreaker, options.ConfigurationChannel) = ("", "");
        options.AbortOnConnectFail = false;
        options.ConnectTimeout = (int)ConnectTimeout.TotalMilliseconds;
        options.ReconnectRetryPolicy = new LinearRetry(options.ConnectTimeout);
        options.Tunnel = new PatientTunnel(PatientTunnel.PatienceOf(options));
        _connecting = ConnectAsync(options);
    }

    /// <summary>The primary of a service, as this Sentinel has it; <c>null</c>: it does not know, or does not answer.</summary>
    public async Task<EndPoint?> AskAsync(string service)
    {
        try
        {
            var connection = await _connecting.WaitAsync(AnswerTimeout);
            return await connection.GetServer(_address).SentinelGetMasterAddressByNameAsync(service).WaitAsync(AnswerTimeout);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        if (_connecting.IsCompletedSuccessfully)
        {
            _connecting.Result.Dispose();
        }
    }

    private async Task<ConnectionMultiplexer> ConnectAsync(ConfigurationOptions options)
    {
        var connection = await ConnectionMultiplexer.ConnectAsync(options);
        foreach (var channel in Channels)
        {
            // Sent when it is there, and again with each connection.
            await connection.GetSubscriber().SubscribeAsync(
                channel, (from, message) => _hear((string?)from ?? "", (string?)message ?? ""), CommandFlags.FireAndForget);
        }

        return connection;
    }
}
