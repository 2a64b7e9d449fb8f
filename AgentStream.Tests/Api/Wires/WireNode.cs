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

    /// <summary>Runs programs one after the other in one process; what each of them wrote begins with its name.</summary>
    public static async Task<string[]> RunEachAsync(IEnumerable<(string Name, string Text)> programs)
    {
        const string Next = "--- next: ";
        var folder = Directory.CreateDirectory(Path.Combine(await Folder.Value, $"{Guid.NewGuid():n}")).FullName;
        var all = Path.Combine(folder, "all.mjs");
        await File.WriteAllTextAsync(all, "");
        foreach (var (name, text) in programs)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, name), text);
            await File.AppendAllTextAsync(all, $"console.log('\\n{Next}{name}');\nawait import('./{name}');\n");
        }

        return (await OutputAsync(all)).Split(Next, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
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
