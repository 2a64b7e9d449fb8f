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
    public Task Program_WithDependencyInjection_Builds() => packages.BuildAsync("web", Block("In an application"), "Microsoft.NET.Sdk.Web");

    [Theory]
    [InlineData("A worker of your own")]
    [InlineData("An agent of the Agent Framework")]
    public Task Program_ThatIsAWorker_Builds(string heading)
        // No packages yet: what the projects were built to, as a reference to them would give it.
        => packages.BuildAsync(
            heading.Replace(' ', '-'),
            Block(heading),
            "Microsoft.NET.Sdk.Web",
            string.Concat(
                from pattern in (string[])["AgentStream.Messaging", "AgentStream.ServiceDefaults", "AgentStream.Worker*",
                    "Microsoft.Agents.AI*", "Microsoft.Extensions.AI*"]
                from file in Directory.GetFiles(AppContext.BaseDirectory, $"{pattern}.dll")
                select $"""<Reference Include="{file}" />"""));

    [Theory]
    [InlineData("AgentStream.Client")]
    [InlineData("AgentStream.Client.Extensions")]
    public void Package_HasWhatOneExpects(string name)
    {
        using var package = ZipFile.OpenRead(packages.PathOf(name, "nupkg"));
        var files = package.Entries.Select(entry => entry.FullName).ToList();
        Assert.Contains("README.md", files);
        foreach (var framework in (string[])["net8.0", "net10.0"])
        {
            Assert.Contains($"lib/{framework}/{name}.dll", files);
            Assert.Contains($"lib/{framework}/{name}.xml", files);
        }

        using var reader = new StreamReader(package.GetEntry($"{name}.nuspec")!.Open());
        var nuspec = reader.ReadToEnd();
        Assert.Contains("<license type=\"expression\">MIT</license>", nuspec, StringComparison.Ordinal);
        Assert.Equal(name == "AgentStream.Client", !nuspec.Contains("<dependency ", StringComparison.Ordinal));

        using var symbols = ZipFile.OpenRead(packages.PathOf(name, "snupkg"));
        Assert.Contains(symbols.Entries, entry => entry.FullName == $"lib/net10.0/{name}.pdb");
    }

    private static string Block(string heading)
    {
        var page = Repository.Read("docs/build-on-it.md");
        return CSharp().Match(page[page.IndexOf($"## {heading}\n", StringComparison.Ordinal)..]).Groups[1].Value;
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharp();

    /// <summary>The packages, made once, in a folder.</summary>
    public sealed class Packages : IAsyncLifetime
    {
        // One that no cache can have.
        private readonly string _version = $"0.0.1-test.{Guid.NewGuid():N}";
        private readonly TemporaryDirectory _folder = Create();

        private static TemporaryDirectory Create() => new();

        public async Task InitializeAsync()
        {
            foreach (var project in (string[])["AgentStream.Client", "AgentStream.Client.Extensions"])
            {
                await DotnetAsync(
                    Repository.Root, "pack", project, "-o", _folder.File("packages"), $"-p:PackageVersion={_version}", "-v", "q", "-nologo",
                    "-p:RunAnalyzers=false", "-p:UseSharedCompilation=false", "-nodeReuse:false");
            }
        }

        public Task DisposeAsync()
        {
            _folder.Dispose();
            return Task.CompletedTask;
        }

        internal string PathOf(string name, string kind) => Path.Combine(_folder.File("packages"), $"{name}.{_version}.{kind}");

        internal async Task<string> RunAsync(string name, string program)
        {
            await BuildAsync(name, program, "Microsoft.NET.Sdk");
            return await DotnetAsync(_folder.File(name), Path.Combine("bin", "Debug", "net10.0", $"{name}.dll"));
        }

        internal async Task BuildAsync(string name, string program, string sdk, string? references = null)
        {
            var folder = Directory.CreateDirectory(_folder.File(name)).FullName;
            await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), program);
            await File.WriteAllTextAsync(Path.Combine(folder, $"{name}.csproj"), $"""
                <Project Sdk="{sdk}">
                  <PropertyGroup>
                    <OutputType>Exe</OutputType>
                    <TargetFramework>net10.0</TargetFramework>
                    <ImplicitUsings>enable</ImplicitUsings>
                    <Nullable>enable</Nullable>
                    <RestoreAdditionalProjectSources>{_folder.File("packages")}</RestoreAdditionalProjectSources>
                    <RestorePackagesPath>{_folder.File("cache")}</RestorePackagesPath>
                  </PropertyGroup>
                  <ItemGroup>
                    {references ?? $"""<PackageReference Include="AgentStream.Client.Extensions" Version="{_version}" />"""}
                  </ItemGroup>
                </Project>
                """);
            await DotnetAsync(folder, "build", "-v", "q", "-nologo", "-p:UseSharedCompilation=false", "-nodeReuse:false");
        }

        private static async Task<string> DotnetAsync(string folder, params string[] arguments)
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
