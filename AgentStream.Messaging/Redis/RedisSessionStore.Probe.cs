using System.Collections.Concurrent;
using AgentStream.Messaging.Log;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis;

/// <content>Whether all is well.</content>
internal sealed partial class RedisSessionStore
{
    private readonly string _instance = Guid.NewGuid().ToString("n")[..12];
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _probes = [];
    private readonly SemaphoreSlim _probing = new(1);
    private bool _hearsProbes;

    /// <summary>Shows that Redis answers, and that this process hears what is published.</summary>
    /// <exception cref="StoreUnavailableException">It does not.</exception>
    public async Task ProbeAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        var channel = _keys.Probe(_instance);
        await _probing.WaitAsync(cancellationToken);
        try
        {
            if (!_hearsProbes)
            {
                await _link.SubscribeAsync(channel, OnProbe, cancellationToken);
                _hearsProbes = true;
            }
        }
        finally
        {
            _probing.Release();
        }

        var probe = Guid.NewGuid().ToString("n");
        var heard = _probes[probe] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await _link.PublishAsync(channel, probe, cancellationToken);
            await heard.Task.WaitAsync(_options.CommandTimeout, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw new StoreUnavailableException("What is published in Redis does not arrive.", exception);
        }
        finally
        {
            _probes.TryRemove(probe, out _);
        }
    }

    private void OnProbe(RedisChannel channel, RedisValue payload)
    {
        if (_probes.TryGetValue((string?)payload ?? "", out var heard))
        {
            heard.TrySetResult();
        }
    }
}
