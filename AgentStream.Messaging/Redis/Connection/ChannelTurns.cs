namespace AgentStream.Messaging.Redis.Connection;

/// <summary>
/// Subscribes and unsubscribes one after the other, each channel for itself:
/// of two at the same time on one channel the client may send the second first, and whoever subscribed would be deaf.
/// </summary>
/// <remarks>
/// What its caller gave up waiting for keeps its turn until the client is done with it: what comes after it would meet it otherwise.
/// </remarks>
internal sealed class ChannelTurns
{
    private readonly Lock _gate = new();

    // The last turn of each channel on which anything is under way.
    private readonly Dictionary<string, Task> _last = [];

    public Task TakeAsync(string channel, Func<Task> change)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task? before;
        lock (_gate)
        {
            _last.TryGetValue(channel, out before);
            _last[channel] = over.Task;
        }

        return ChangeAsync(channel, before, change, over);
    }

    private async Task ChangeAsync(string channel, Task? before, Func<Task> change, TaskCompletionSource over)
    {
        try
        {
            if (before is not null)
            {
                await before;
            }

            await change();
        }
        finally
        {
            lock (_gate)
            {
                if (_last[channel] == over.Task)
                {
                    _last.Remove(channel);
                }
            }

            over.SetResult();
        }
    }
}
