using AgentStream.Tests.Support;

namespace AgentStream.Tests.Docs.Packages;

/// <summary>All packages of the solution, packed into a folder.</summary>
internal sealed class PackedPackages
{
    public const string Version = "0.1.0";

    private readonly string _folder;

    private PackedPackages(string folder) => _folder = folder;

    /// <summary>The names of all packages, in order.</summary>
    public IEnumerable<string> Names
        => from file in Directory.GetFiles(_folder, "*.nupkg")
           let name = Path.GetFileName(file)
           orderby name
           select name[..^$".{Version}.nupkg".Length];

    /// <param name="name">The package.</param>
    /// <param name="kind"><c>nupkg</c> or <c>snupkg</c>.</param>
    public string PathOf(string name, string kind) => Path.Combine(_folder, $"{name}.{Version}.{kind}");

    public static async Task<PackedPackages> PackAsync(string folder)
    {
        // As it was built for these tests; a build of the tests alone leaves out what the client has for .NET 8.
        var configuration = AppContext.BaseDirectory.Contains("Release", StringComparison.Ordinal) ? "Release" : "Debug";
        var client = Path.Combine(Repository.Root, "AgentStream.Client.Extensions", "bin", configuration, "net8.0");
        var isBuilt = File.Exists(Path.Combine(client, "AgentStream.Client.Extensions.dll"));
        await Dotnet.RunAsync(
            Repository.Root,
            [
                "pack", "AgentStream.sln", "-c", configuration, "-o", folder, "-v", "q", "-nologo",
                "-p:RunAnalyzers=false", "-p:CompressionEnabled=false", .. Dotnet.NothingStays,
                .. isBuilt ? (string[])["--no-build"] : [],
            ]);
        return new PackedPackages(folder);
    }
}
