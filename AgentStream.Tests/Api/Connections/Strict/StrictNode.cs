using System.Diagnostics;
using System.Text.Json;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Api.Connections.Strict;

/// <summary>Scripts around the npm package <c>ws</c>, which takes nothing that RFC 6455 forbids.</summary>
internal static class StrictNode
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly Lazy<Task<string>> Folder = new(InstallAsync);

    /// <summary>Runs a script; its answer is what it wrote, a line of JSON each.</summary>
    public static async Task<List<JsonElement>> RunAsync(string script, ReadOnlyMemory<byte> input, params string[] arguments)
    {
        var folder = await Folder.Value;
        var start = new ProcessStartInfo("node", [script, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var node = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var output = node.StandardOutput.ReadToEndAsync(patience.Token);
            await node.StandardInput.BaseStream.WriteAsync(input, patience.Token);
            node.StandardInput.Close();
            return [.. (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];
        }
        finally
        {
            if (!node.HasExited)
            {
                node.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task<string> InstallAsync()
    {
        var folder = Directory.CreateTempSubdirectory("agentstream-strict-").FullName;
        foreach (var file in Directory.EnumerateFiles(
            Path.Combine(Repository.Root, "AgentStream.Tests", "Api", "Connections", "Strict"), "*.*js*"))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        using var npm = Process.Start(
            new ProcessStartInfo("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock"])
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
            })!;
        var output = await npm.StandardOutput.ReadToEndAsync();
        await npm.WaitForExitAsync();
        Assert.True(npm.ExitCode == 0, $"npm ended with {npm.ExitCode}: {output}");
        return folder;
    }
}
