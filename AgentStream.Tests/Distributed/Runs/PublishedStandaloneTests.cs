using System.Diagnostics;
using System.Text.Json;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;

namespace AgentStream.Tests.Distributed.Runs;

/// <summary>Standalone as it is given to others: a folder with all that it needs, the native library of its store included.</summary>
[SystemTest]
public sealed class PublishedStandaloneTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Published_InAFolderOfItsOwn_RunsAndKeepsItsSessions()
    {
        using var folder = new TemporaryDirectory();
        var program = folder.File("program");
        await PublishAsync(program);
        CheckBill(Path.Combine(program, "bom.cdx.json"));
        await using var service = new StandaloneService { Folder = program };

        await service.StartAsync();
        await using (var socket = service.Socket("kept"))
        {
            await socket.ConnectAsync();
            await socket.ChatAsync("What is 17.5% of 2,340?");
            await socket.ReadUntilAsync("run_finished");
        }

        service.Process.Terminate();
        Assert.Equal(0, await service.Process.WaitForExitAsync());
        await service.StartAsync();

        using var http = new HttpClient { BaseAddress = service.Api };
        Assert.Contains("409.5", await http.GetStringAsync("/api/sessions/kept"), StringComparison.Ordinal);
    }

    /// <summary>Every package is in the bill, with its version, a licence that asks nothing of who runs it, and a hash.</summary>
    private static void CheckBill(string path)
    {
        using var bill = JsonDocument.Parse(File.ReadAllBytes(path));
        Assert.Equal("CycloneDX", bill.RootElement.GetProperty("bomFormat").GetString());
        var packages = bill.RootElement.GetProperty("components").EnumerateArray().ToDictionary(
            package => package.GetProperty("name").GetString()!, StringComparer.OrdinalIgnoreCase);
        Assert.Equal("2.13.23", packages["StackExchange.Redis"].GetProperty("version").GetString());
        Assert.All(packages.Values, package =>
        {
            var licence = Assert.Single(package.GetProperty("licenses").EnumerateArray()).GetProperty("license");
            Assert.Contains(licence.GetProperty("id").GetString(), new[] { "MIT", "Apache-2.0", "BSD-3-Clause", "BSD-2-Clause" });
            var hash = Assert.Single(package.GetProperty("hashes").EnumerateArray());
            Assert.Matches("^[0-9a-f]{128}$", hash.GetProperty("content").GetString());
        });
    }

    // What was built with the tests: to build it again would take minutes.
    private static async Task PublishAsync(string program)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string[] arguments =
        [
            "publish", Path.Combine(Repository.Root, "AgentStream.Standalone"), "--no-build", "--configuration", configuration,
            "--output", program, "-v", "q", "--nologo",
        ];
        using var publish = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var output = await publish.StandardOutput.ReadToEndAsync(patience.Token);
            await publish.WaitForExitAsync(patience.Token);
            Assert.True(publish.ExitCode == 0, output);
        }
        finally
        {
            if (!publish.HasExited)
            {
                publish.Kill(entireProcessTree: true);
            }
        }
    }
}
