namespace AgentStream.Api.Delivery;

/// <summary>
/// A call that all share who asked for it before it began.
/// One runs at a time; whoever asks meanwhile shares the one after it.
/// </summary>
/// <param name="call">What is to be done.</param>
internal sealed class SharedCall(Func<Task> call)
{
    private readonly Lock _gate = new();
    private Task _latest = Task.CompletedTask;
    private Task? _next;

    public Task RunAsync()
    {
        lock (_gate)
        {
            return _next ??= BeginAsync(_latest);
        }
    }

    private async Task BeginAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (_gate)
        {
            (_latest, _next) = (_next!, null);
        }

        await call();
    }
}
