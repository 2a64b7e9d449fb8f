using AgentStream.Messaging.Queue;

namespace AgentStream.Api.Commands;

/// <summary>
/// The runs of each owner that are not over, read once for all who look at about the same time: what it costs the store does not
/// grow with the pages that are open.
/// </summary>
internal sealed class OwnRuns(IRunQueue queue, TimeProvider time)
{
    private const int MostReadings = 1_000;

    /// <summary>The time for which a reading is shown to others who ask.</summary>
    internal static readonly TimeSpan Holds = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<LiveRunQuery, Reading> _readings = [];

    /// <summary>A page of an owner's runs, with what those that ended today have used.</summary>
    /// <param name="query">Names an owner.</param>
    /// <param name="cancellationToken">Ends the waiting; others may still want the answer.</param>
    public Task<(LiveRunPage Page, DaySpending Today)> ReadAsync(LiveRunQuery query, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_readings.TryGetValue(query, out var reading) || !IsGood(reading))
            {
                if (_readings.Count >= MostReadings)
                {
                    _readings.Clear();
                }

                _readings[query] = reading = new Reading(time.GetTimestamp(), AskAsync(query));
            }

            return reading.Answer.WaitAsync(cancellationToken);
        }
    }

    // A failure is told to all who waited for it, and to nobody who comes later.
    private bool IsGood(Reading reading)
        => !reading.Answer.IsCompleted
            || (reading.Answer.IsCompletedSuccessfully && time.GetElapsedTime(reading.Begun) < Holds);

    private async Task<(LiveRunPage Page, DaySpending Today)> AskAsync(LiveRunQuery query)
    {
        // Whoever asks first is not to hold the gate, or be the one whose leaving ends it.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var today = queue.SpentTodayAsync(query.Owner!.Value, CancellationToken.None).AsTask();
        var page = queue.ListLiveAsync(query, CancellationToken.None).AsTask();
        await Task.WhenAll(today, page);
        return (await page, await today);
    }

    private sealed record Reading(long Begun, Task<(LiveRunPage Page, DaySpending Today)> Answer);
}
