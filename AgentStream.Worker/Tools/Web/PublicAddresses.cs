using System.Net;
using System.Net.Sockets;

namespace AgentStream.Worker.Tools.Web;

/// <summary>
/// Knows which addresses belong to the public internet.
/// Everything else (this machine, its network, its cloud's metadata service) is nothing that a model may reach.
/// </summary>
/// <remarks>
/// From IANA's special-purpose registries.
/// IPv6 is the other way round: only what is allocated as global unicast passes, so that the forms which embed an IPv4 address
/// (mapped, compatible, NAT64, 6to4, Teredo) can't carry a private one.</remarks>
internal static class PublicAddresses
{
    private static readonly IPNetwork[] NotPublicV4 = Networks(
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4");

    private static readonly IPNetwork GlobalUnicastV6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] NotPublicV6 = Networks("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20");

    // Mapped addresses are asked about by name: IPNetwork.Contains finds ::ffff:8.8.8.8 in 2000::/3 (.NET 10.0).
    public static bool Contains(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => !NotPublicV4.Any(network => network.Contains(address)),
        AddressFamily.InterNetworkV6 =>
            !address.IsIPv4MappedToIPv6 && GlobalUnicastV6.Contains(address) && !NotPublicV6.Any(network => network.Contains(address)),
        _ => false,
    };

    private static IPNetwork[] Networks(params string[] networks) => [.. networks.Select(network => IPNetwork.Parse(network))];
}
