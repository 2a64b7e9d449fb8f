using System.Diagnostics;
using System.Text.Json;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using AgentStream.Tests.Web;

namespace AgentStream.Tests.Client;

/// <summary>The JavaScript client as a program in Node has it, from its package.</summary>
public sealed class NodePackageTests : IDisposable
{
    private const string Plan =
        """
        { "scripts": [
          { "when": "once more", "replies": [ [ { "text": "Still " }, { "text": "42." } ] ] },
          { "replies": [ [
            { "thought": "I think." }, { "text": "It is " }, { "create_file": "half-way" }, { "wait_for_file": "go-on" }, { "text": "42." }
          ] ] }
        ] }
        """;

    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [NodeTheory]
    // Node before 22 has a WebSocket for those who ask for it; later ones have it, and take the option.
    [InlineData("--experimental-websocket")]
    public async Task Client_WhoseServerIsKilledAndStartedAgain_HasEachEventOnceAndInOrder(string option)
    {
        await File.WriteAllTextAsync(_files.File("plan.json"), Plan);
        await NodePackage.InstallAsync(_files.Path);
        File.Copy(Path.Combine(Repository.Root, "AgentStream.Tests", "Client", "Node", "follow.mjs"), _files.File("follow.mjs"));
        await using var service = new StandaloneService(
            ("AgentStream__Models__scripted__ScriptPath", _files.File("plan.json")), ("AgentStream__DefaultModel", "scripted"));
        await service.StartAsync();
        var client = RunAsync(option, service.Api);
        await HalfWay.ReachedAsync(_files.File("half-way"), client);

        await service.Process.DisposeAsync();
        await File.WriteAllTextAsync(_files.File("go-on"), "");
        await service.StartAsync();

        var entries = await client;
        var state = entries[^1].GetProperty("data");
        entries.RemoveAt(entries.Count - 1);
        var read = 0L;
        foreach (var entry in entries)
        {
            var seq = entry.GetProperty("seq").GetInt64();
            Assert.Equal(read + 1, entry.TryGetProperty("first_seq", out var first) ? first.GetInt64() : seq);
            read = seq;
        }

        Assert.Equal(["run_queued", "run_queued"], OfType(entries, "run_queued"));
        Assert.Equal(["run_finished", "run_finished"], OfType(entries, "run_finished"));
        Assert.Equal(["It is 42.", "Still 42."], state.GetProperty("texts").EnumerateArray().Select(text => text.GetString()));
        Assert.Equal(0, state.GetProperty("unsent").GetInt32());
        Assert.Equal(read, state.GetProperty("position").GetProperty("lastSeq").GetInt64());
    }

    private static IEnumerable<string> OfType(List<JsonElement> entries, string type)
        => entries.Select(entry => entry.GetProperty("type").GetString()!).Where(name => name == type);

    private async Task<List<JsonElement>> RunAsync(string option, Uri api)
    {
        var start = new ProcessStartInfo("node", [option, "follow.mjs", api.ToString()])
        {
            WorkingDirectory = _files.Path,
            RedirectStandardOutput = true,
        };
        using var node = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TestTimeouts.Default);
        try
        {
            var output = await node.StandardOutput.ReadToEndAsync(patience.Token);
            return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];
        }
        finally
        {
            if (!node.HasExited)
            {
                node.Kill();
            }
        }
    }
}
