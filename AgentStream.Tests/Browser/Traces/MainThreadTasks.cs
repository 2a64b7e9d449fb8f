using System.Text.Json;

namespace AgentStream.Tests.Browser.Traces;

/// <summary>The tasks of a page's main thread, out of a trace.</summary>
/// <param name="Path">The trace.</param>
/// <param name="Milliseconds">What each took, the longest first; never empty, or the trace has recorded nothing.</param>
internal sealed record MainThreadTasks(string Path, IReadOnlyList<double> Milliseconds)
{
    public double Longest => Milliseconds[0];

    public static MainThreadTasks Read(string path, JsonElement trace)
    {
        var events = trace.GetProperty("traceEvents");
        var mainThreads = events.EnumerateArray()
            .Where(entry => Name(entry) == "thread_name" && entry.GetProperty("args").GetProperty("name").GetString() == "CrRendererMain")
            .Select(Thread)
            .ToHashSet();
        List<double> tasks = [.. events.EnumerateArray()
            .Where(entry => entry.GetProperty("ph").GetString() == "X" && IsTask(Name(entry)) && mainThreads.Contains(Thread(entry)))
            .Select(entry => entry.GetProperty("dur").GetDouble() / 1000)
            .OrderDescending()];
        Assert.NotEmpty(tasks);
        return new MainThreadTasks(path, tasks);
    }

    private static bool IsTask(string? name) => name is "RunTask" || name?.EndsWith("::RunTask", StringComparison.Ordinal) == true;

    private static string? Name(JsonElement entry) => entry.TryGetProperty("name", out var name) ? name.GetString() : null;

    private static (int Process, int Thread) Thread(JsonElement entry) => (entry.GetProperty("pid").GetInt32(), entry.GetProperty("tid").GetInt32());
}
