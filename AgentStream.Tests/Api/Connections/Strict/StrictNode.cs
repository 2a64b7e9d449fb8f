using System.Diagnostics;
using System.Text.Json;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Api.Connections.Strict;

/// <summary>Scripts around the npm package <c>ws</c>, which takes nothing that RFC 6455 forbids.</summary>
internal static class StrictNode
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly Lazy<Task<string>> Folder = new(
        () => NpmFolder.InstallAsync("AgentStream.Tests", "Api", "Connections", "Strict"));

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
}
