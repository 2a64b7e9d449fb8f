using System.Net;
using AgentStream.ServiceDefaults.Proxies;

namespace AgentStream.Access;

/// <summary>Addresses and networks, as <see cref="HeaderAccessOptions.Proxies"/> lists them.</summary>
internal sealed class ProxyAddresses
{
    private readonly List<IPNetwork> _networks = [];

    private ProxyAddresses()
    {
    }

    public bool IsEmpty => _networks.Count == 0;

    /// <summary>Reads <c>10.0.0.5, 10.1.0.0/16</c>. <c>null</c>: it can't be read.</summary>
    public static ProxyAddresses? Parse(string text)
    {
        var result = new ProxyAddresses();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (ReverseProxyOptions.NetworkOf(part) is not { } network)
            {
                return null;
            }

            result._networks.Add(network);
        }

        return result;
    }

    public bool Has(IPAddress? address)
    {
        if (address is null)
        {
            return false;
        }

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _networks.Exists(network => network.Contains(plain));
    }
}
