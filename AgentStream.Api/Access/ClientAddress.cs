using System.Net;
using System.Net.Sockets;

namespace AgentStream.Api.Access;

/// <summary>
/// The address that a request comes from, as limits count it: the client's own where a listed proxy says so, otherwise that of whoever
/// opened the connection.
/// </summary>
internal static class ClientAddress
{
    /// <summary>What one customer of a provider gets of IPv6: 64 bits.</summary>
    private const int NetworkBytes = 8;

    /// <summary>Whose a request is; <c>null</c>: its connection has no address.</summary>
    public static string? Of(HttpContext context) => context.Connection.RemoteIpAddress is { } address ? Of(address) : null;

    /// <summary>An address of IPv4, also where it is written as one of IPv6, or a network of IPv6.</summary>
    public static string Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4().ToString();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address.ToString();
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return new IPAddress(bytes).ToString();
    }
}
