using System.Diagnostics;
using System.Runtime.InteropServices;
using AgentStream.Tests.Distributed;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Samples;

/// <summary>The sample as people run it, against a real server.</summary>
public sealed partial class TerminalProcessTests
{
    [Fact]
    public async Task Run_QuestionThenResumeThenCompare_ShowsWhatHappens()
    {
        await using var service = new StandaloneService();
        await service.StartAsync();
        var url = service.Api.AbsoluteUri;

        var (exit, output) = await RunAsync("What is 17.5% of 2,340?", "--url", url, "--session", "terminal");
        Assert.True(exit == 0, output);
        Assert.Contains("thinks: ", output, StringComparison.Ordinal);
        Assert.Contains("calls: calculator(", output, StringComparison.Ordinal);
        Assert.Contains("result: 409.5", output, StringComparison.Ordinal);
        Assert.Contains("answers: ", output, StringComparison.Ordinal);
        Assert.Contains("completed after", output, StringComparison.Ordinal);

        var after = output.TrimEnd().Split(' ')[^1];
        (exit, output) = await RunAsync("What time is it?", "--url", url, "--session", "terminal", "--after", after);
        Assert.True(exit == 0, output);
        Assert.DoesNotContain("409.5", output, StringComparison.Ordinal);
        Assert.Contains("calls: current_time(", output, StringComparison.Ordinal);

        (exit, output) = await RunAsync("What is 1 + 1?", "--url", url, "--session", "compared", "--compare");
        Assert.True(exit == 0, output);
        Assert.Contains("streaming", output, StringComparison.Ordinal);
        Assert.Contains("waiting", output, StringComparison.Ordinal);
        Assert.Contains("tokens/s", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_InterruptedFromTheKeyboard_CancelsTheRunAndShowsItsEnd()
    {
        await using var service = new StandaloneService(("AgentStream__Models__Demo__TokensPerSecond", "2"));
        await service.StartAsync();
        using var process = Start("Write something long, and what is 1 + 1?", "--url", service.Api.AbsoluteUri);
        using var timeout = new CancellationTokenSource(TestTimeouts.Default);
        var output = "";
        var buffer = new char[256];
        try
        {
            while (!output.Contains("thinks: ", StringComparison.Ordinal))
            {
                var read = await process.StandardOutput.ReadAsync(buffer, timeout.Token);
                Assert.True(read > 0, output + await process.StandardError.ReadToEndAsync(timeout.Token));
                output += new string(buffer, 0, read);
            }

            Assert.Equal(0, Kill(process.Id, 2));
            output += await process.StandardOutput.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
        }
        finally
        {
            Stop(process);
        }

        Assert.Contains("· cancelled after", output, StringComparison.Ordinal);
        Assert.Equal(1, process.ExitCode);
    }

    private static Process Start(params string[] args)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [BuiltProgram.PathOf("samples/AgentStream.Samples.Terminal"), .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        })!;
        process.StandardInput.Close();
        return process;
    }

    private static void Stop(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);

    private static async Task<(int Exit, string Output)> RunAsync(params string[] args)
    {
        using var process = Start(args);
        using var timeout = new CancellationTokenSource(TestTimeouts.Default);
        try
        {
            var error = process.StandardError.ReadToEndAsync(timeout.Token);
            var output = await process.StandardOutput.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            return (process.ExitCode, output + await error);
        }
        finally
        {
            Stop(process);
        }
    }
}
