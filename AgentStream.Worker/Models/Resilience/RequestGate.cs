namespace AgentStream.Worker.Models.Resilience;

/// <summary>Lets so many requests to one provider through at the same time; the others wait for their turn.</summary>
/// <param name="limit">How many.</param>
internal sealed class RequestGate(int limit) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(limit, limit);

    /// <summary>Waits for a place; disposing the answer gives it back.</summary>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        return new Permit(_slots);
    }

    public void Dispose() => _slots.Dispose();

    private sealed class Permit(SemaphoreSlim slots) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                slots.Release();
            }
        }
    }
}
