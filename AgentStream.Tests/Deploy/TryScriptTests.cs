using System.Diagnostics;
using System.Runtime.Versioning;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;

namespace AgentStream.Tests.Deploy;

/// <summary>deploy/try says of each check what it saw, or why it could not be run, and its exit code tells.</summary>
[SystemTest]
[UnsupportedOSPlatform("windows")]
public sealed class TryScriptTests : IDisposable
{
    private static readonly string Script = Path.Combine(Repository.Root, "deploy/try");

    // Programs that stand before those of the machine.
    private readonly TemporaryDirectory _programs = new();

    public void Dispose() => _programs.Dispose();

    [Fact]
    public async Task Try_WithoutAnEngine_SaysOfEachCheckThatItWasNotRun()
    {
        Program("docker", "exit 1");
        Program("podman", "exit 1");
        var (code, lines) = await RunAsync("images", "up", "down", "team");

        Assert.Equal(2, code);
        Assert.Equal(4, lines.Length);
        Assert.All(lines, line =>
            Assert.Matches(@"^-\s+\w+\s+not run: no container engine answers \(docker info, podman info\)$", line));
    }

    [Fact]
    public async Task Try_WithAnEngineWithoutCompose_SaysSo()
    {
        Program("docker", "[ \"$1\" = info ]");
        var (code, lines) = await RunAsync("up");

        Assert.Equal(2, code);
        Assert.Contains("docker has no compose (docker compose version)", Assert.Single(lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Try_WithoutBaseImages_NamesTheFirstThatIsMissing()
    {
        Program("docker", "case $1 in image | pull) exit 1 ;; esac");
        var (code, lines) = await RunAsync("up");

        Assert.Equal(2, code);
        Assert.Contains("dotnet/sdk:10.0 is neither here nor to be pulled", Assert.Single(lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Try_WithSomethingNotAsPromised_FailsAndSaysWhat()
    {
        // An engine that claims to have done everything, and whose services nobody ends.
        Program("docker", "[ $1 = ps ] && echo 4711; exit 0");
        Program("curl", "exit 7");
        var (code, lines) = await RunAsync("images", "labels", "up", "answer", "down");

        Assert.Equal(1, code);
        Assert.Equal(["ok", "FAIL", "ok", "FAIL", "FAIL"], lines.Select(line => line.Split(' ')[0]));
        Assert.Contains("1 containers of agentstream-try run on after down", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Try_OfACheckThatIsNotThere_NamesThoseThatAre()
    {
        var (code, lines) = await RunAsync("everything");

        Assert.Equal(64, code);
        Assert.Contains("There are: images labels up answer", Assert.Single(lines), StringComparison.Ordinal);
    }

    private void Program(string name, string script)
    {
        File.WriteAllText(_programs.File(name), $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(_programs.File(name), UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private async Task<(int Code, string[] Lines)> RunAsync(params string[] checks)
    {
        var start = new ProcessStartInfo("bash", [Script, .. checks]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{_programs.Path}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, (output + await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
