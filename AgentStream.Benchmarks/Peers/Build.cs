using System.Reflection;

namespace AgentStream.Benchmarks.Peers;

/// <summary>The folder of built programs.</summary>
internal static class Build
{
    /// <summary>The folder of this solution.</summary>
    public static string Solution { get; } = Path.GetFullPath(
        typeof(Build).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(
            metadata => metadata.Key == "SolutionDirectory").Value!);

    /// <summary>Gets the path of a project's program in the configuration that this one was built in.</summary>
    public static string PathOf(string solution, string project)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(solution, project, "bin", own.Parent!.Name, own.Name, $"{project}.dll");
    }
}
