using System.Diagnostics;
using System.IO.Compression;
using System.Text.RegularExpressions;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;

namespace AgentStream.Tests.Docs;

/// <summary>The programs of docs/build-on-it.md, built outside of the solution from packages, as a stranger would.</summary>
[SystemTest]
public sealed partial class BuildOnItTests(BuildOnItTests.Packages packages) : IClassFixture<BuildOnItTests.Packages>
{
    private const string Address = "http://localhost:8000";

    [Fact]
    public async Task Programs_ThatAsk_GetTheirAnswer()
    {
        await using var service = new StandaloneService();
        await service.StartAsync();

        var asked = await packages.RunAsync(
            "ask", Block("Ask from a program").Replace(Address, service.Api.AbsoluteUri, StringComparison.Ordinal));
        Assert.Contains("[ToolResult] 409.5", asked, StringComparison.Ordinal);
        Assert.Contains("[FinalAnswer] ", asked, StringComparison.Ordinal);

        var chatted = await packages.RunAsync(
            "chat", Block("An agent as a chat client").Replace(Address, service.Api.AbsoluteUri, StringComparison.Ordinal));
        Assert.Contains("409.5", chatted, StringComparison.Ordinal);
    }

    [Fact]
    public Task Program_WithDependencyInjection_Builds()
        => packages.BuildAsync("web", Block("In an application"), "Microsoft.NET.Sdk.Web", "AgentStream.Client.Extensions");

    [Fact]
    public async Task Program_OfTheLoopAlone_Answers()
        => Assert.Contains(
            "[ToolResult] 409.5",
            await packages.RunAsync("loop", Block("The loop alone"), "AgentStream.Worker"),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("A worker of your own", "AgentStream.Worker", "AgentStream.ServiceDefaults")]
    [InlineData("An agent of the Agent Framework", "AgentStream.Worker.AgentFramework", "AgentStream.ServiceDefaults")]
    public Task Program_ThatIsAWorker_Builds(string heading, params string[] needed)
        => packages.BuildAsync(heading.Replace(' ', '-'), Block(heading), "Microsoft.NET.Sdk.Web", needed);

    [Fact]
    public Task Sample_OutsideOfTheSolution_Builds() => packages.BuildSampleAsync("AgentStream.Samples.Worker");

    [Theory]
    [InlineData("AgentStream.Client", "net8.0", "net10.0")]
    [InlineData("AgentStream.Client.Extensions", "net8.0", "net10.0")]
    [InlineData("AgentStream.Hosting", "net10.0")]
    [InlineData("AgentStream.Messaging", "net10.0")]
    [InlineData("AgentStream.Access", "net10.0")]
    [InlineData("AgentStream.ServiceDefaults", "net10.0")]
    [InlineData("AgentStream.Worker", "net10.0")]
    [InlineData("AgentStream.Worker.AgentFramework", "net10.0")]
    public void Package_HasWhatOneExpects(string name, params string[] frameworks)
    {
        using var package = ZipFile.OpenRead(packages.PathOf(name, "nupkg"));
        var files = package.Entries.Select(entry => entry.FullName).ToList();
        Assert.Contains("README.md", files);
        Assert.Contains("LICENSE", files);
        foreach (var framework in frameworks)
        {
            Assert.Contains($"lib/{framework}/{name}.dll", files);
            Assert.Contains($"lib/{framework}/{name}.xml", files);
        }

        using var reader = new StreamReader(package.GetEntry($"{name}.nuspec")!.Open());
        var nuspec = reader.ReadToEnd();
        Assert.Contains("<license type=\"expression\">MIT</license>", nuspec, StringComparison.Ordinal);
        Assert.Equal(name == "AgentStream.Client", !nuspec.Contains("<dependency ", StringComparison.Ordinal));
        Assert.DoesNotContain(Repository.Root, nuspec, StringComparison.Ordinal);

        using var symbols = ZipFile.OpenRead(packages.PathOf(name, "snupkg"));
        Assert.Contains(symbols.Entries, entry => entry.FullName == $"lib/net10.0/{name}.pdb");
    }

    [Fact]
    public void Packages_OfTheSolution_AreThese()
        => Assert.Equal(
            [
                "AgentStream.Access", "AgentStream.Client", "AgentStream.Client.Extensions", "AgentStream.Hosting",
                "AgentStream.Messaging", "AgentStream.ServiceDefaults", "AgentStream.Worker", "AgentStream.Worker.AgentFramework",
            ],
            packages.Names);

    private static string Block(string heading)
    {
        var page = Repository.Read("docs/build-on-it.md");
        return CSharp().Match(page[page.IndexOf($"## {heading}\n", StringComparison.Ordinal)..]).Groups[1].Value;
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharp();

    [GeneratedRegex("""<ProjectReference Include="[^"]*[\\/]([^"\\/]+)\.csproj" />""")]
    private static partial Regex Reference();

    [GeneratedRegex("""<Project Sdk="([^"]+)">""")]
    private static partial Regex Sdk();

    /// <summary>The packages, made once, in a folder.</summary>
    public sealed class Packages : IAsyncLifetime
    {
        private const string Version = "0.1.0";

        // Packages of others are where this machine has them; ours go into a cache of their own, so that none of an earlier day is taken.
        private static readonly string Fallback = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

        private readonly TemporaryDirectory _folder = Create();

        internal IEnumerable<string> Names
            => from file in Directory.GetFiles(_folder.File("packages"), "*.nupkg")
               let name = Path.GetFileName(file)
               orderby name
               select name[..^$".{Version}.nupkg".Length];

        private static TemporaryDirectory Create() => new();

        public async Task InitializeAsync()
        {
            // As it was built for these tests; a build of the tests alone leaves out what the client has for .NET 8.
            var configuration = AppContext.BaseDirectory.Contains("Release", StringComparison.Ordinal) ? "Release" : "Debug";
            var client = Path.Combine(Repository.Root, "AgentStream.Client.Extensions", "bin", configuration, "net8.0");
            var isBuilt = File.Exists(Path.Combine(client, "AgentStream.Client.Extensions.dll"));
            await DotnetAsync(
                Repository.Root,
                [
                    "pack", "AgentStream.sln", "-c", configuration, "-o", _folder.File("packages"), "-v", "q", "-nologo",
                    "-p:RunAnalyzers=false", "-p:UseSharedCompilation=false", "-nodeReuse:false", "-p:CompressionEnabled=false",
                    .. isBuilt ? (string[])["--no-build"] : [],
                ]);
        }

        public Task DisposeAsync()
        {
            _folder.Dispose();
            return Task.CompletedTask;
        }

        internal string PathOf(string name, string kind) => Path.Combine(_folder.File("packages"), $"{name}.{Version}.{kind}");

        internal async Task<string> RunAsync(string name, string program, string package = "AgentStream.Client.Extensions")
        {
            await BuildAsync(name, program, "Microsoft.NET.Sdk", package);
            return await DotnetAsync(_folder.File(name), Path.Combine("bin", "Debug", "net10.0", $"{name}.dll"));
        }

        internal async Task BuildAsync(string name, string program, string sdk, params string[] needed)
        {
            var folder = Directory.CreateDirectory(_folder.File(name)).FullName;
            await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), program);
            await BuildProjectAsync(folder, name, sdk, needed);
        }

        /// <summary>Builds a sample with packages in the place of the projects to which it refers.</summary>
        internal async Task BuildSampleAsync(string name)
        {
            var source = Path.Combine(Repository.Root, "samples", name);
            var folder = Directory.CreateDirectory(_folder.File(name)).FullName;
            foreach (var file in Directory.GetFiles(source, "*.*").Where(file => Path.GetExtension(file) is ".cs" or ".json"))
            {
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            }

            var project = await File.ReadAllTextAsync(Path.Combine(source, $"{name}.csproj"));
            await BuildProjectAsync(
                folder,
                name,
                Sdk().Match(project).Groups[1].Value,
                [.. Reference().Matches(project).Select(reference => reference.Groups[1].Value)]);
        }

        private async Task BuildProjectAsync(string folder, string name, string sdk, string[] needed)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, $"{name}.csproj"), $"""
                <Project Sdk="{sdk}">
                  <PropertyGroup>
                    <OutputType>Exe</OutputType>
                    <TargetFramework>net10.0</TargetFramework>
                    <ImplicitUsings>enable</ImplicitUsings>
                    <Nullable>enable</Nullable>
                    <RestoreAdditionalProjectSources>{_folder.File("packages")}</RestoreAdditionalProjectSources>
                    <RestorePackagesPath>{_folder.File("cache")}</RestorePackagesPath>
                    <RestoreFallbackFolders>{Fallback}</RestoreFallbackFolders>
                  </PropertyGroup>
                  <ItemGroup>
                    {string.Concat(needed.Select(package => $"""<PackageReference Include="{package}" Version="{Version}" />"""))}
                  </ItemGroup>
                </Project>
                """);
            await DotnetAsync(folder, ["build", "-v", "q", "-nologo", "-p:UseSharedCompilation=false", "-nodeReuse:false"]);
        }

        private static async Task<string> DotnetAsync(string folder, params IReadOnlyList<string> arguments)
        {
            using var process = Process.Start(new ProcessStartInfo("dotnet", arguments)
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(TestTimeouts.Default * 5);
            Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}:\n{await output}{await error}");
            return await output;
        }
    }
}
