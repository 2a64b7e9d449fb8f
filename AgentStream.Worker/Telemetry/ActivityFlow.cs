using System.Diagnostics;

namespace AgentStream.Worker.Telemetry;

/// <summary>Keeps what a stream does beneath its own span.</summary>
internal static class ActivityFlow
{
    /// <summary>Asking for the next item happens from outside the span; what is done to get it belongs beneath.</summary>
    public static async IAsyncEnumerable<T> Under<T>(Activity? activity, IAsyncEnumerable<T> source)
    {
        var caller = Activity.Current;
        await using var items = source.GetAsyncEnumerator(CancellationToken.None);
        while (true)
        {
            Activity.Current = activity ?? caller;
            if (!await items.MoveNextAsync())
            {
                break;
            }

            Activity.Current = caller;
            yield return items.Current;
        }

        Activity.Current = caller;
    }
}
