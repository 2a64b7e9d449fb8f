using System.Globalization;
using AgentStream.Messaging;

namespace AgentStream.Tests.Worker.Running;

/// <summary>Ids of runs that sort as they were made, as those of runs do that people ask for: real ones of the same millisecond don't.</summary>
internal static class OrderedRuns
{
    private static long _last;

    public static RunId Next() => RunId.Parse(string.Create(CultureInfo.InvariantCulture, $"run-{Interlocked.Increment(ref _last):d12}"));
}
