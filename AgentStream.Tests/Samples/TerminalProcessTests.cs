using System.Diagnostics;
using AgentStream.Tests.Distributed;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Samples;

/// <summary>The sample as people run it, against a real server.</summary>
public sealed class TerminalProcessTests
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
