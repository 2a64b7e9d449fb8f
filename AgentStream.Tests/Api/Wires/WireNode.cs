using System.Diagnostics;
using System.Text.Json;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Api.Wires;

/// <summary>Scripts around the stock clients of the wires.</summary>
internal static class WireNode
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly Lazy<Task<string>> Folder = new(() => NpmFolder.InstallAsync("AgentStream.Tests", "Api", "Wires", "Node"));

    /// <summary>Runs a script that is in the folder; its answer is what it wrote, a line of JSON each.</summary>
    public static async Task<List<JsonElement>> RunAsync(string script, object input)
        => await RunAsync(Path.Combine(await Folder.Value, script), JsonSerializer.Serialize(input));

    /// <summary>Runs a script's text.</summary>
    public static async Task<string> RunTextAsync(string text)
    {
        var path = Path.Combine(await Folder.Value, $"{Guid.NewGuid():n}.mjs");
        await File.WriteAllTextAsync(path, text);
        return await OutputAsync(path);
    }

    private static async Task<List<JsonElement>> RunAsync(string path, params string[] arguments)
    {
        var output = await OutputAsync(path, arguments);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];
    }

    private static async Task<string> OutputAsync(string path, params string[] arguments)
    {
        using var node = Process.Start(
            new ProcessStartInfo("node", [path, .. arguments])
            {
                WorkingDirectory = await Folder.Value,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var errors = node.StandardError.ReadToEndAsync(patience.Token);
            var output = await node.StandardOutput.ReadToEndAsync(patience.Token);
            await node.WaitForExitAsync(patience.Token);
            Assert.True(node.ExitCode == 0, await errors);
            return output;
        }
        finally
        {
            if (!node.HasExited)
            {
                node.Kill(entireProcessTree: true);
            }
        }
    }
}
