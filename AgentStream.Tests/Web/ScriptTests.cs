using System.Diagnostics;

namespace AgentStream.Tests.Web;

public sealed class ScriptTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [NodeFact]
    public async Task Scripts_UnderNode_PassTheirOwnTests()
    {
        var web = Path.Combine(RepositoryRoot(), "AgentStream.Web");
        var start = new ProcessStartInfo("node") { WorkingDirectory = web, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("--test");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(web, "js-tests"), "*.test.mjs").Order(StringComparer.Ordinal))
        {
            start.ArgumentList.Add(file);
        }

        using var node = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(Patience);
        var output = node.StandardOutput.ReadToEndAsync(timeout.Token);
        var errors = node.StandardError.ReadToEndAsync(timeout.Token);
        await node.WaitForExitAsync(timeout.Token);
        Assert.True(node.ExitCode == 0, await output + await errors);
    }

    private static string RepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "AgentStream.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("The tests run outside the repository.");
    }
}
