using AgentStream.Worker.Models.Pipeline;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Resilience;

/// <summary>A reply that has begun: its first content is here (or it ended without any), nothing of it has been passed on yet.</summary>
internal sealed class OpenedStream : IAsyncDisposable
{
    private readonly IAsyncEnumerator<ChatResponseUpdate> _updates;
    private readonly List<ChatResponseUpdate> _read = [];
    private bool _ended;

    private OpenedStream(IAsyncEnumerator<ChatResponseUpdate> updates) => _updates = updates;

    /// <summary>Asks, and reads up to the first content. If that fails, nothing was shown and nothing stays open.</summary>
    public static async Task<OpenedStream> OpenAsync(IAsyncEnumerable<ChatResponseUpdate> updates, CancellationToken cancellationToken)
    {
        var stream = new OpenedStream(updates.GetAsyncEnumerator(cancellationToken));
        try
        {
            await stream.ReadToFirstContentAsync();
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    public async IAsyncEnumerable<ChatResponseUpdate> ReadAllAsync()
    {
        foreach (var update in _read)
        {
            yield return update;
        }

        while (!_ended && await _updates.MoveNextAsync())
        {
            yield return _updates.Current;
        }
    }

    public ValueTask DisposeAsync() => _updates.DisposeAsync();

    private async Task ReadToFirstContentAsync()
    {
        while (await _updates.MoveNextAsync())
        {
            _read.Add(_updates.Current);
            if (_updates.Current.HasContent())
            {
                return;
            }
        }

        _ended = true;
    }
}
