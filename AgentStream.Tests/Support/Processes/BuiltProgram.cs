namespace AgentStream.Tests.Support.Processes;

/// <summary>Where a program of the solution was built: in the same configuration as the tests, side by side.</summary>
internal static class BuiltProgram
{
    /// <summary>Where tests leave files that people may want to look at; git ignores it.</summary>
    public static string Artifacts(string folder) => Path.Combine(Repository.Root, "artifacts", folder);

    /// <param name="project">Its folder, such as <c>samples/AgentStream.Samples.Terminal</c>.</param>
    public static string PathOf(string project)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(Repository.Root, project, "bin", own.Parent!.Name, own.Name, $"{Path.GetFileName(project)}.dll");
    }
}
