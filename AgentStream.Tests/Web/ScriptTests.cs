using System.Diagnostics;
using System.Text.Json;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Web;

/// <summary>The tests of the page's scripts and of the package that they are built on, each as a test of its own.</summary>
public sealed class ScriptTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // Node runs once, when the tests run, and not when they are listed.
    [NodeTheory]
    [MemberData(nameof(Results), DisableDiscoveryEnumeration = true)]
    public void Script_UnderNode_PassesItsTest(string file, string name, string? failure)
        => Assert.True(failure is null, $"{file}: {name}\n{failure}");

    public static TheoryData<string, string, string?> Results()
    {
        var scripts = Path.Combine(Repository.Root, "AgentStream.Web", "js-tests");
        string[] folders = [scripts, Path.Combine(Repository.Root, "clients", "js", "tests")];
        var start = new ProcessStartInfo("node")
        {
            WorkingDirectory = scripts,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add($"--import={new Uri(Path.Combine(scripts, "served.mjs"))}");
        start.ArgumentList.Add("--test");
        start.ArgumentList.Add($"--test-reporter={Path.Combine(scripts, "line-reporter.mjs")}");
        foreach (var folder in folders)
        {
            foreach (var file in Directory.EnumerateFiles(folder, "*.test.mjs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                start.ArgumentList.Add(file);
            }
        }

        using var node = Process.Start(start)!;
        var errors = node.StandardError.ReadToEndAsync();
        var output = node.StandardOutput.ReadToEndAsync();
        if (!Task.WaitAll([output, errors], Patience))
        {
            node.Kill(entireProcessTree: true);
        }

        var results = new TheoryData<string, string, string?>();
        foreach (var line in output.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var result = JsonElement.Parse(line);
            results.Add(
                result.GetProperty("file").GetString()!, result.GetProperty("name").GetString()!,
                result.GetProperty("failure").GetString());
        }

        if (results.Count == 0)
        {
            results.Add("", "node --test", $"No test ran: {errors.Result}");
        }

        return results;
    }
}
