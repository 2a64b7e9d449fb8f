using System.Reflection;

namespace AgentStream.Tests.Support;

/// <summary>The files of the repository that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Path.GetFullPath(
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(
            metadata => metadata.Key == "SolutionDirectory").Value!);

    /// <summary>Reads a file by its path from the root, such as <c>docs/protocol.md</c>.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));
}
