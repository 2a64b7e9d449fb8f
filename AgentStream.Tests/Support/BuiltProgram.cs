using System.Reflection;

namespace AgentStream.Tests.Support;

/// <summary>Where a program of the solution was built: in the same configuration as the tests, side by side.</summary>
internal static class BuiltProgram
{
    /// <param name="project">Its folder, such as <c>samples/AgentStream.Samples.Terminal</c>.</param>
    public static string PathOf(string project)
    {
        var root = typeof(BuiltProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "SolutionDirectory").Value!;
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(root, project, "bin", own.Parent!.Name, own.Name, $"{Path.GetFileName(project)}.dll");
    }
}
