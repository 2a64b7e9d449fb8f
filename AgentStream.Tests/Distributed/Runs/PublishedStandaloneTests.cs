using System.Diagnostics;
using System.Runtime.InteropServices;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;

namespace AgentStream.Tests.Distributed.Runs;

/// <summary>Standalone as it is given to others: a folder for their platform, with the native library that its store needs.</summary>
[SystemTest]
public sealed class PublishedStandaloneTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Published_ForOnePlatform_RunsAndKeepsItsSessions()
    {
        using var folder = new TemporaryDirectory();
        var program = folder.File("program");
        await PublishAsync(program, folder.File("artifacts"));
        Assert.Single(Directory.EnumerateFiles(program), file => Path.GetFileNameWithoutExtension(file) is "libe_sqlite3" or "e_sqlite3");
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

    // Into a folder of its own, so that nothing of the solution's output changes under the other tests.
    private static async Task PublishAsync(string program, string artifacts)
    {
        string[] arguments =
        [
            "publish", Path.Combine(Repository.Root, "AgentStream.Standalone"), "--runtime", RuntimeInformation.RuntimeIdentifier,
            "--no-self-contained", "--output", program, "--artifacts-path", artifacts, "-v", "q", "--nologo", "-p:RunAnalyzers=false",
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
