using System.Threading.RateLimiting;
using AgentStream.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Delivery;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using Microsoft.Extensions.Options;

namespace AgentStream.Api.Access;

/// <summary>
/// How much of this server one caller may take. Where nobody is asked who they are, all are one caller, and nothing is limited here.
/// </summary>
internal sealed class CallerLimits : IDisposable
{
    private const int SecondsPerMinute = 60;
    private const int Burst = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly PartitionedRateLimiter<PrincipalId>? _messages;
    private readonly PartitionedRateLimiter<PrincipalId>? _connections;

    public CallerLimits(IOptions<ApiOptions> options, AccessWays ways)
    {
        if (!ways.Any)
        {
            return;
        }

        var (perMinute, connections) = (options.Value.MaxMessagesPerMinute, options.Value.MaxConnectionsPerCaller);
        _messages = PartitionedRateLimiter.Create<PrincipalId, PrincipalId>(
            caller => RateLimitPartition.GetTokenBucketLimiter(caller, _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = Math.Max(Burst, perMinute),
                TokensPerPeriod = 1,
                ReplenishmentPeriod = TimeSpan.FromSeconds((double)SecondsPerMinute / perMinute),
                AutoReplenishment = false,
            }));
        _connections = PartitionedRateLimiter.Create<PrincipalId, PrincipalId>(
            caller => RateLimitPartition.GetConcurrencyLimiter(
                caller, _ => new ConcurrencyLimiterOptions { PermitLimit = connections, QueueLimit = 0 }));
    }

    /// <summary>Told to a caller with as many connections as one may have.</summary>
    public static Refusal TooManyConnections { get; } = new(
        ErrorCodes.RateLimited, "You have as many connections as one may have: close some, and come back in a little while.",
        RetryAfter: Pause);

    /// <summary>The reason why a message has to wait; <c>null</c>: it may come.</summary>
    public Refusal? TakeMessage(PrincipalId caller)
    {
        using var lease = _messages?.AttemptAcquire(caller);
        return lease is not { IsAcquired: false }
            ? null
            : new Refusal(
                ErrorCodes.RateLimited, "You have sent as many messages as one may for now: send this one again in a little while.",
                RetryAfter: lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : Pause);
    }

    /// <summary>Takes one of the caller's places, which is given back with the server's. False: there are no more.</summary>
    public bool TryConnect(PrincipalId caller, ConnectionRegistry.ConnectionPermit place)
    {
        var lease = _connections?.AttemptAcquire(caller);
        place.PlaceOfCaller = lease;
        return lease is not { IsAcquired: false };
    }

    public void Dispose()
    {
        _messages?.Dispose();
        _connections?.Dispose();
    }
}
