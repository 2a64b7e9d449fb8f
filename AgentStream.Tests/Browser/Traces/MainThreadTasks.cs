using System.Globalization;
using System.Text.Json;

namespace AgentStream.Tests.Browser.Traces;

/// <summary>The tasks of a page's main thread, out of a trace.</summary>
/// <param name="Path">The trace.</param>
/// <param name="Durations">
/// What each took from its begin to its end, the longest first; never empty, or the trace has recorded nothing.
/// </param>
/// <param name="LongestAtWork">
/// The most that one of them kept the processor busy, in milliseconds: on a machine that does other things beside,
/// this is what the page is to blame for.
/// </param>
internal sealed record MainThreadTasks(string Path, IReadOnlyList<double> Durations, double LongestAtWork)
{
    private const double Long = 50;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"the longest task of the page took {Durations[0]:0} ms ({LongestAtWork:0} ms at work), {Durations.Count(task => task > Long)} of "
            + $"{Durations.Count} took more than {Long:0} ms; the trace is in {Path}");

    public static MainThreadTasks Read(string path, JsonElement trace)
    {
        var events = trace.GetProperty("traceEvents");
        var mainThreads = events.EnumerateArray()
            .Where(entry => Name(entry) == "thread_name" && entry.GetProperty("args").GetProperty("name").GetString() == "CrRendererMain")
            .Select(Thread)
            .ToHashSet();
        var tasks = events.EnumerateArray()
            .Where(entry => entry.GetProperty("ph").GetString() == "X" && IsTask(Name(entry)) && mainThreads.Contains(Thread(entry)))
            .ToList();
        Assert.NotEmpty(tasks);
        return new MainThreadTasks(
            path, [.. tasks.Select(task => Milliseconds(task, "dur")).OrderDescending()], tasks.Max(task => Milliseconds(task, "tdur")));
    }

    private static double Milliseconds(JsonElement task, string field)
        => task.TryGetProperty(field, out var microseconds) ? microseconds.GetDouble() / 1000 : 0;

    private static bool IsTask(string? name) => name is "RunTask" || name?.EndsWith("::RunTask", StringComparison.Ordinal) == true;

    private static string? Name(JsonElement entry) => entry.TryGetProperty("name", out var name) ? name.GetString() : null;

    private static (int Process, int Thread) Thread(JsonElement entry)
        => (entry.GetProperty("pid").GetInt32(), entry.GetProperty("tid").GetInt32());
}
