using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;

namespace AgentStream.Tests.Deploy;

/// <summary>deploy/try says of each check what it saw, or why it could not be run, and its exit code tells.</summary>
[SystemTest]
[UnsupportedOSPlatform("windows")]
public sealed partial class TryScriptTests : IDisposable
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

    // docs/operations.md says of each what it does, and there is something that does it.
    [Fact]
    public async Task Try_Checks_AreThoseOfThePage()
    {
        var (_, lines) = await RunAsync("everything");
        var checks = lines[0].Split("There are: ")[1].TrimEnd('.').Split(' ');
        var page = Repository.Read("docs/operations.md").Split("## Trying it")[1].Split("\n## ")[0];
        var scripts = string.Concat(Scripts.Select(File.ReadAllText));

        Assert.Equal(
            checks.Order(StringComparer.Ordinal),
            Row().Matches(page).SelectMany(row => Name().Matches(row.Value)).Select(name => name.Groups[1].Value)
                .Order(StringComparer.Ordinal));
        Assert.All(checks, check => Assert.Contains($"\ncheck_{check}() {{", scripts, StringComparison.Ordinal));
    }

    // What "update" makes of one person's events: how many are wrong, the last one's number, the longest pause before the update and in it.
    [Theory]
    [InlineData("100.0 a:1 {1}|100.5 a:2 {2}|103.0 a:4 {first}|104.5 b:5 {end}", "0 5 0.5 2.5")]
    [InlineData("100.0 a:1 {1}|100.5 a:3 {2}|103.0 a:4 {end}", "1 4 0.5 2.5")]
    [InlineData("100.0 a:1 {1}|100.5 a:1 {1}|103.0 a:2 {end}", "1 2 0.5 2.5")]
    [InlineData("100.0 a:1 {1}|100.5 a:2 {again}|103.0 a:3 {end}", "1 3 0.5 2.5")]
    [InlineData("100.0 a:1 {1}|100.5 a:2 {2}|103.0 a:2 {resync}", "3 2 0.5 2.5")]
    [InlineData("100.0 a:1 {1}", "1 1 0.0 0.0")]
    public async Task Update_EventsOfAPerson_AreCountedAndMissedOnesSeen(string events, string expected)
    {
        Directory.CreateDirectory(_programs.File("people"));
        await File.WriteAllTextAsync(_programs.File("people/one.asked"), "1\n");
        await File.WriteAllTextAsync(_programs.File("people/one"), events
            .Replace("|", "\n", StringComparison.Ordinal)
            .Replace("{1}", """{"type":"run_started","data":{"attempt":1}}""", StringComparison.Ordinal)
            .Replace("{2}", """{"type":"step_delta"}""", StringComparison.Ordinal)
            .Replace("{first}", """{"first_seq":3,"type":"step_delta"}""", StringComparison.Ordinal)
            .Replace("{again}", """{"type":"run_started","data":{"attempt":2}}""", StringComparison.Ordinal)
            .Replace("{resync}", """{"type":"resync","data":{}}""", StringComparison.Ordinal)
            .Replace("{end}", """{"type":"run_finished","data":{"status":"completed"}}""", StringComparison.Ordinal) + "\n");
        var (code, lines) = await BashAsync(
            "-c", $". '{Path.Combine(Repository.Root, "deploy/checks/update.sh")}'; work='{_programs.Path}'; seen_by one 102");

        Assert.Equal((0, expected), (code, Assert.Single(lines)));
    }

    private static IEnumerable<string> Scripts
        => [Script, .. Directory.GetFiles(Path.Combine(Repository.Root, "deploy/checks"), "*.sh")];

    private void Program(string name, string script)
    {
        File.WriteAllText(_programs.File(name), $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(_programs.File(name), UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private Task<(int Code, string[] Lines)> RunAsync(params string[] checks) => BashAsync([Script, .. checks]);

    private async Task<(int Code, string[] Lines)> BashAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{_programs.Path}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, (output + await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    // | `up`, `answer` | what they do |
    [GeneratedRegex(@"^\| (?:`\w+`(?:, )?)+ \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(\w+)`")]
    private static partial Regex Name();
}
