using System.Threading.RateLimiting;
using AgentStream.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Delivery;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using Microsoft.Extensions.Options;

namespace AgentStream.Api.Access;

/// <summary>
/// How much of this server one caller and one address may take.
/// Where nobody is asked who they are, all are one caller, and only addresses are limited here.
/// </summary>
internal sealed class CallerLimits : IDisposable
{
    private const int SecondsPerMinute = 60;
    private const int SecondsPerHour = 3_600;
    private const int Burst = 10;

    /// <summary>Bytes are counted in these.</summary>
    private const int UploadUnit = 1_024;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly PartitionedRateLimiter<PrincipalId>? _messages;
    private readonly PartitionedRateLimiter<PrincipalId>? _connections;
    private readonly PartitionedRateLimiter<PrincipalId>? _uploads;
    private readonly int _mostUploaded;
    private readonly PartitionedRateLimiter<string>? _messagesOfAddress;
    private readonly PartitionedRateLimiter<string>? _connectionsOfAddress;

    public CallerLimits(IOptions<ApiOptions> options, AccessWays ways)
    {
        var settings = options.Value;
        if (ways.Any)
        {
            _messages = PerMinute<PrincipalId>(settings.MaxMessagesPerMinute);
            _connections = AtATime<PrincipalId>(settings.MaxConnectionsPerCaller);
            _mostUploaded = settings.MaxUploadBytesPerHour / UploadUnit;
            _uploads = PerHour<PrincipalId>(_mostUploaded);
        }

        _messagesOfAddress = settings.MaxMessagesPerMinutePerAddress > 0
            ? PerMinute<string>(settings.MaxMessagesPerMinutePerAddress)
            : null;
        _connectionsOfAddress = settings.MaxConnectionsPerAddress > 0 ? AtATime<string>(settings.MaxConnectionsPerAddress) : null;
    }

    /// <summary>Told to a caller with as many connections as one may have.</summary>
    public static Refusal TooManyConnections { get; } = new(
        ErrorCodes.RateLimited, "You have as many connections as one may have: close some, and come back in a little while.",
        RetryAfter: Pause);

    /// <summary>Whether it matters from which address somebody comes.</summary>
    public bool AskForAddress => _messagesOfAddress is not null || _connectionsOfAddress is not null;

    /// <summary>The address of a request, where it matters.</summary>
    public string? AddressOf(HttpContext context) => AskForAddress ? ClientAddress.Of(context) : null;

    /// <summary>The reason why a message has to wait; <c>null</c>: it may come.</summary>
    public Refusal? TakeMessage(PrincipalId caller, string? address)
    {
        using var ofCaller = _messages?.AttemptAcquire(caller);
        if (ofCaller is { IsAcquired: false })
        {
            return TooManyMessages("You have sent", ofCaller);
        }

        using var ofAddress = address is null ? null : _messagesOfAddress?.AttemptAcquire(address);
        return ofAddress is { IsAcquired: false } ? TooManyMessages("Your address has sent", ofAddress) : null;
    }

    /// <summary>The reason why a file has to wait; <c>null</c>: it may come.</summary>
    /// <param name="caller">Who sends it.</param>
    /// <param name="bytes">Its size, or the largest that it may have.</param>
    public Refusal? TakeUpload(PrincipalId caller, long bytes)
    {
        if (_uploads is null)
        {
            return null;
        }

        using var taken = _uploads.AttemptAcquire(caller, (int)Math.Min((bytes / UploadUnit) + 1, _mostUploaded));
        return taken.IsAcquired ? null : new Refusal(
            ErrorCodes.RateLimited, "You have sent as many files as one may for now: send this one again in a while.",
            RetryAfter: taken.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : Pause);
    }

    /// <summary>Takes one of the caller's and of the address's places, given back with the server's. False: there are no more.</summary>
    public bool TryConnect(PrincipalId caller, string? address, ConnectionRegistry.ConnectionPermit place)
        => IsTaken(place.PlaceOfCaller = _connections?.AttemptAcquire(caller))
            && IsTaken(place.PlaceOfAddress = address is null ? null : _connectionsOfAddress?.AttemptAcquire(address));

    public void Dispose()
    {
        _messages?.Dispose();
        _connections?.Dispose();
        _uploads?.Dispose();
        _messagesOfAddress?.Dispose();
        _connectionsOfAddress?.Dispose();
    }

    private static bool IsTaken(IDisposable? lease) => lease is not RateLimitLease { IsAcquired: false };

    private static Refusal TooManyMessages(string who, RateLimitLease lease) => new(
        ErrorCodes.RateLimited, $"{who} as many messages as one may for now: send this one again in a little while.",
        RetryAfter: lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : Pause);

    private static PartitionedRateLimiter<T> PerMinute<T>(int perMinute)
        where T : notnull
        => PartitionedRateLimiter.Create<T, T>(whose => RateLimitPartition.GetTokenBucketLimiter(
            whose, _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = Math.Max(Burst, perMinute),
                TokensPerPeriod = 1,
                ReplenishmentPeriod = TimeSpan.FromSeconds((double)SecondsPerMinute / perMinute),
                AutoReplenishment = false,
            }));

    private static PartitionedRateLimiter<T> PerHour<T>(int perHour)
        where T : notnull
        => PartitionedRateLimiter.Create<T, T>(whose => RateLimitPartition.GetTokenBucketLimiter(
            whose, _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = perHour,
                TokensPerPeriod = (perHour / SecondsPerHour) + 1,
                ReplenishmentPeriod = TimeSpan.FromHours(((perHour / SecondsPerHour) + 1.0) / perHour),
                AutoReplenishment = false,
            }));

    private static PartitionedRateLimiter<T> AtATime<T>(int places)
        where T : notnull
        => PartitionedRateLimiter.Create<T, T>(whose => RateLimitPartition.GetConcurrencyLimiter(
            whose, _ => new ConcurrencyLimiterOptions { PermitLimit = places, QueueLimit = 0 }));
}
