using System.Net;

namespace AgentStream.ServiceDefaults.Proxies;

/// <summary>Whoever opened the connection: a proxy, where there is one, and not the client that the proxy speaks of.</summary>
/// <param name="Address">Its address; <c>null</c> where the connection has none.</param>
internal sealed record PeerFeature(IPAddress? Address);
