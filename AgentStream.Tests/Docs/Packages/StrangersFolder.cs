using System.Globalization;
using System.Text.RegularExpressions;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Docs.Packages;

/// <summary>
/// A folder outside of the repository with what a stranger has there: the packages, and programs made of them, built at once.
/// </summary>
public sealed partial class StrangersFolder : IAsyncLifetime, IDisposable
{
    private const string Sample = "AgentStream.Samples.";
    private const string Program = "Microsoft.NET.Sdk";
    private const string Web = "Microsoft.NET.Sdk.Web";

    // Packages of others are where this machine has them; ours go into a cache of their own, so that none of an earlier day is taken.
    private static readonly string Fallback = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private readonly TemporaryDirectory _folder = new();
    private readonly int[] _ports = FreePorts.Take(6);
    private readonly List<string> _projects = [];
    private PackedPackages? _packages;

    /// <summary>What the build of all programs wrote.</summary>
    internal string BuildOutput { get; private set; } = "";

    internal PackedPackages Packages => _packages ?? throw new InvalidOperationException("Not packed.");

    internal Uri Api => At(0);

    internal Uri Pages => At(1);

    internal Uri Shop => At(2);

    /// <summary>Where the worker of the sample notes what became of orders.</summary>
    internal string Orders => Path.Combine(Place($"{Sample}Worker"), "orders.txt");

    public async Task InitializeAsync()
    {
        _packages = await PackedPackages.PackAsync(_folder.File("packages"));
        await File.WriteAllTextAsync(_folder.File("nuget.config"), $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="cache" /></config>
              <packageSources><add key="agentstream" value="packages" /></packageSources>
              <fallbackPackageFolders><add key="machine" value="{Fallback}" /></fallbackPackageFolders>
            </configuration>
            """);
        await File.WriteAllTextAsync(_folder.File("Directory.Build.props"), """
            <Project>
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <!-- What others find in the packages of others is their news, not ours. -->
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
            </Project>
            """);
        await AddPageAsync();
        foreach (var sample in (string[])["Loop", "Worker", "Shop", "AppHost"])
        {
            await AddSampleAsync(Sample + sample);
        }

        var projects = _projects.Select(name => $"""<Project Path="programs/{name}/{name}.csproj" />""");
        await File.WriteAllTextAsync(_folder.File("All.slnx"), $"<Solution>{string.Concat(projects)}</Solution>");

        // One build for all of them: one restore, and each package is read once.
        BuildOutput = await Dotnet.RunAsync(
            _folder.Path,
            ["build", "All.slnx", "-v", "m", "-nologo", .. Dotnet.NothingStays],
            ("NUGET_PACKAGES", ""));
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _folder.Dispose();

    /// <summary>Runs a program to its end, and gives what it wrote.</summary>
    internal Task<string> RunAsync(string name, params (string Name, string Value)[] environment)
        => Dotnet.RunAsync(Place(name), [Output(name)], environment);

    /// <summary>Starts the application of the sample.</summary>
    internal ServiceProcess StartApplication(string redis) => ServiceProcess.StartProgram(
        "dotnet",
        "Distributed application started",
        new Dictionary<string, string?>
        {
            ["ConnectionStrings__redis"] = redis,
            ["ASPNETCORE_URLS"] = At(3).GetLeftPart(UriPartial.Authority),
            ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = At(4).GetLeftPart(UriPartial.Authority),
            ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = At(5).GetLeftPart(UriPartial.Authority),
            ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true",
        },
        Path.Combine(Place($"{Sample}AppHost"), Output($"{Sample}AppHost")));

    private async Task AddPageAsync()
    {
        var page = Repository.Read("docs/build-on-it.md");
        await AddAsync("ask", Asking(Code(page, "Ask from a program")), Program, "AgentStream.Client");
        await AddAsync("chat", Asking(Code(page, "An agent as a chat client")), Program, "AgentStream.Client.Extensions");
        await AddAsync("tools", Asking(Code(page, "Tools of the program")), Program, "AgentStream.Client.Extensions");
        await AddAsync("web", Code(page, "In an application"), Web, "AgentStream.Client.Extensions");
        await AddAsync("loop", Code(page, "The loop alone"), Program, "AgentStream.Worker");
        await AddAsync("My.Worker", Code(page, "A worker of your own"), Web, "AgentStream.Worker", "AgentStream.ServiceDefaults");
        await AddAsync(
            "dispatcher",
            Code(page, "An agent of the Agent Framework"),
            Web,
            "AgentStream.Worker.AgentFramework",
            "AgentStream.ServiceDefaults");
        await AddProjectAsync("My.AppHost", Block(page, "In an Aspire application", "xml"));
        await File.WriteAllTextAsync(Path.Combine(Place("My.AppHost"), "Program.cs"), Code(page, "In an Aspire application"));
    }

    private async Task AddAsync(string name, string program, string sdk, params string[] needed)
    {
        var references = needed.Select(package => $"""<PackageReference Include="{package}" Version="{PackedPackages.Version}" />""");
        await AddProjectAsync(name, $"""
            <Project Sdk="{sdk}">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
              </PropertyGroup>
              <ItemGroup>
                {string.Concat(references)}
              </ItemGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(Path.Combine(Place(name), "Program.cs"), program);
    }

    /// <summary>Takes a sample over, with packages in the place of the projects of the repository to which it refers.</summary>
    private async Task AddSampleAsync(string name)
    {
        var source = Path.Combine(Repository.Root, "samples", name);
        await AddProjectAsync(name, Reference().Replace(
            await File.ReadAllTextAsync(Path.Combine(source, $"{name}.csproj")),
            $"""<PackageReference Include="$1" Version="{PackedPackages.Version}" />"""));
        foreach (var file in Directory.GetFiles(source).Where(file => Path.GetExtension(file) is ".cs" or ".json"))
        {
            await File.WriteAllTextAsync(
                Path.Combine(Place(name), Path.GetFileName(file)), WithFreePorts(await File.ReadAllTextAsync(file)));
        }
    }

    private async Task AddProjectAsync(string name, string project)
    {
        _projects.Add(name);
        Directory.CreateDirectory(Place(name));
        await File.WriteAllTextAsync(Path.Combine(Place(name), $"{name}.csproj"), project);
    }

    private string WithFreePorts(string text) => text
        .Replace("(8000, 7860)", string.Create(CultureInfo.InvariantCulture, $"({_ports[0]}, {_ports[1]})"), StringComparison.Ordinal)
        .Replace("port: 5080", string.Create(CultureInfo.InvariantCulture, $"port: {_ports[2]}"), StringComparison.Ordinal);

    // Where the server is on this machine is known when the programs run.
    private static string Asking(string program) => program.Replace(
        "\"http://localhost:8000\"", "Environment.GetEnvironmentVariable(\"AGENTS\")!", StringComparison.Ordinal);

    private Uri At(int port) => new($"http://localhost:{_ports[port]}");

    private string Place(string name) => Path.Combine(_folder.Path, "programs", name);

    private static string Output(string name) => Path.Combine("bin", "Debug", "net10.0", $"{name}.dll");

    private static string Code(string page, string heading) => Block(page, heading, "csharp");

    private static string Block(string page, string heading, string language)
    {
        var part = page[page.IndexOf($"## {heading}\n", StringComparison.Ordinal)..];
        var start = part.IndexOf($"```{language}\n", StringComparison.Ordinal) + language.Length + 4;
        return part[start..part.IndexOf("```", start, StringComparison.Ordinal)];
    }

    [GeneratedRegex("""<ProjectReference Include="\.\.\\\.\.\\[^"]*\\([^"\\]+)\.csproj" />""")]
    private static partial Regex Reference();
}
