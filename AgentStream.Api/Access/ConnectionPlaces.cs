using AgentStream.Api.Commands;
using AgentStream.Api.Delivery;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Access;

/// <summary>The places of whoever stays: sockets, streams, and requests that wait for a run to end.</summary>
internal sealed class ConnectionPlaces(ConnectionRegistry connections, CallerLimits limits)
{
    private static readonly Refusal Full = new(
        ErrorCodes.TooManyConnections, "This server has as many connections as it takes: come back in a little while.");

    /// <summary>
    /// Takes a place of the server's, one of the caller's and one of their address's; dispose of it to give them back.
    /// Asked for before anything is begun.
    /// </summary>
    public Answer<ConnectionRegistry.ConnectionPermit> Take(HttpContext context)
    {
        if (connections.TryTakePermit() is not { } place)
        {
            return Full;
        }

        if (!limits.TryConnect(SessionAccess.PrincipalOf(context), limits.AddressOf(context), place))
        {
            place.Dispose();
            return CallerLimits.TooManyConnections;
        }

        return place;
    }
}
