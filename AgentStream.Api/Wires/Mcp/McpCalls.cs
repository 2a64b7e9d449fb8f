using System.Collections.Concurrent;
using AgentStream.Api.Wires.Runs;

namespace AgentStream.Api.Wires.Mcp;

/// <summary>
/// The calls that are followed here now. A cancel names its call by the request alone; where that went into a conversation of
/// the caller's choice, only this knows which one.
/// </summary>
internal sealed class McpCalls
{
    private readonly ConcurrentDictionary<McpCallKey, RunAddress> _open = new();

    public RunAddress? Find(McpCallKey key) => _open.TryGetValue(key, out var address) ? address : null;

    /// <summary>Knows a call until it is disposed of.</summary>
    public IDisposable Open(McpCallKey key, RunAddress address)
    {
        _open[key] = address;
        return new Entry(this, key, address);
    }

    private sealed class Entry(McpCalls calls, McpCallKey key, RunAddress address) : IDisposable
    {
        public void Dispose() => calls._open.TryRemove(new KeyValuePair<McpCallKey, RunAddress>(key, address));
    }
}
