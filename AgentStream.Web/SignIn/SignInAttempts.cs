using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;

namespace AgentStream.Web.SignIn;

/// <summary>
/// Bounds how often an access code can be tried from one address: ten times, then once more every six seconds.
/// Each server counts for itself.
/// </summary>
internal sealed class SignInAttempts : IDisposable
{
    private const int AtOnce = 10;
    private const int NetworkBytesOfIPv6 = 8;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(6);

    private readonly PartitionedRateLimiter<IPAddress> _limiter = PartitionedRateLimiter.Create<IPAddress, IPAddress>(
        address => RateLimitPartition.GetTokenBucketLimiter(address, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = AtOnce,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = Pause,
            QueueLimit = 0,
        }));

    /// <summary>Takes one attempt, before the code is looked at: many at the same moment are as many attempts.</summary>
    /// <param name="address">Who tries.</param>
    /// <returns>How long to wait for the next one; <c>null</c>: this one may be made.</returns>
    public TimeSpan? Take(IPAddress? address)
    {
        using var lease = _limiter.AttemptAcquire(NetworkOf(address ?? IPAddress.None));
        return lease.IsAcquired ? null
            : lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) && wait > Pause ? wait
            : Pause;
    }

    public void Dispose() => _limiter.Dispose();

    // Whoever has one address of IPv6 has a whole network of them.
    private static IPAddress NetworkOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        Array.Clear(bytes, NetworkBytesOfIPv6, bytes.Length - NetworkBytesOfIPv6);
        return new IPAddress(bytes);
    }
}
