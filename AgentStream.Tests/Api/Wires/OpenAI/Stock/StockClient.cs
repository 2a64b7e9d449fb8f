using System.Diagnostics;
using System.Text.Json;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Api.Wires.OpenAI.Stock;

/// <summary>The npm package <c>openai</c>, as it is.</summary>
internal static class StockClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly Lazy<Task<string>> Folder = new(
        () => NpmFolder.InstallAsync("AgentStream.Tests", "Api", "Wires", "OpenAI", "Stock"));

    /// <summary>Has it do something, and answers with what it says of that.</summary>
    public static async Task<JsonElement> RunAsync(Uri address, string what, string question)
    {
        return JsonElement.Parse(await RunAsync("client.mjs", address.ToString(), what, question));
    }

    private static async Task<string> RunAsync(params string[] arguments)
    {
        using var node = Process.Start(new ProcessStartInfo("node", arguments)
        {
            WorkingDirectory = await Folder.Value,
            RedirectStandardOutput = true,
        })!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            return await node.StandardOutput.ReadToEndAsync(patience.Token);
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
