using System.Net;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Connection;

/// <summary>
/// Looks who has a node's slots, from the moment that it is lost until it is back or another has them:
/// the client asks the others only once a minute, or when one of them says so.
/// </summary>
internal sealed class ClusterLook(IConnectionMultiplexer multiplexer) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();

    // One for each node that was lost; each ends by itself.
    private readonly Dictionary<EndPoint, Task> _looks = [];

    /// <summary>A connection to a node broke.</summary>
    public void Begin(EndPoint? lost)
    {
        lock (_gate)
        {
            if (lost is not null && !_stop.IsCancellationRequested && (!_looks.TryGetValue(lost, out var look) || look.IsCompleted))
            {
                _looks[lost] = Task.Run(() => LookAsync(lost, _stop.Token));
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stop.Cancel();
        }
    }

    private async Task LookAsync(EndPoint lost, CancellationToken stop)
    {
        try
        {
            if (SlotsOf(lost) is not { Count: > 0 } slots)
            {
                return;
            }

            var began = TimeProvider.System.GetTimestamp();
            do
            {
                await Task.Delay(Pause, stop);
            }
            while (!multiplexer.GetServer(lost).IsConnected
                && !await IsFollowedAsync(lost, slots[0].From)
                && TimeProvider.System.GetElapsedTime(began) < Longest);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The store is closed.
        }
        catch (Exception exception) when (exception is ObjectDisposedException or ArgumentException)
        {
            // The client is closed, or has forgotten the node.
        }
    }

    private IList<SlotRange>? SlotsOf(EndPoint node)
        => multiplexer.GetServers().Select(server => server.ClusterConfiguration).OfType<ClusterConfiguration>()
            .Select(cluster => cluster[node]?.Slots).FirstOrDefault(slots => slots is { Count: > 0 });

    /// <summary>Whether another node has the slot, and the client knows it.</summary>
    private async Task<bool> IsFollowedAsync(EndPoint lost, int slot)
    {
        try
        {
            var others = multiplexer.GetServers().Where(server => server.IsConnected && !server.EndPoint.Equals(lost)).ToList();
            if (others.Count == 0)
            {
                return false;
            }

            // By its name: the client's own method is for administrators alone.
            var nodes = await others[Random.Shared.Next(others.Count)].ExecuteAsync("CLUSTER", "NODES").WaitAsync(TimeSpan.FromSeconds(1));
            if (!IsTaken((string?)nodes ?? "", lost, slot))
            {
                return false;
            }

            // The others' roles, too: one that was a replica is asked only once it is known to be none.
            await multiplexer.ConfigureAsync();
            return multiplexer.GetServers().Any(
                server => server is { IsConnected: true, IsReplica: false }
                    && !server.EndPoint.Equals(lost)
                    && server.EndPoint.Equals(server.ClusterConfiguration?.GetBySlot(slot)?.EndPoint));
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // Whoever was asked is away, too, or slow: the next time another is asked.
            return false;
        }
    }

    // A line for each node: "<id> <host>:<port>@<bus> <flags> <primary> <ping> <pong> <epoch> <link> <slot>-<slot> <slot> ..."
    private static bool IsTaken(string nodes, EndPoint lost, int slot)
        => nodes.Split('\n').Select(line => line.Split(' ')).Any(
            node => node.Length > 8
                && node[1].Split('@')[0] != lost.ToString()
                && node[8..].Any(range => SlotRange.TryParse(range, out var has) && has.From <= slot && slot <= has.To));
}
