using System.Text.Json;
using AgentStream.Tests.Api.Support;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using AgentStream.Tests.Web;

namespace AgentStream.Tests.Api.Wires;

/// <summary>Server and worker killed in the middle of an answer, under stock clients that ask again.</summary>
public sealed class KilledServerTests : IDisposable
{
    private const string Plan =
        """
        { "scripts": [ { "replies": [ [
          { "thought": "I think." }, { "text": "It is " }, { "create_file": "half-way" }, { "wait_for_file": "go-on" }, { "text": "42." }
        ] ] } ] }
        """;

    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [NodeTheory]
    [InlineData("ag-ui.mjs", 0)]
    [InlineData("ui-messages.mjs", 7)]
    public async Task Client_WhoseServerIsKilledInMidAnswer_HasTheWholeAnswerOnce(string script, int version)
    {
        await File.WriteAllTextAsync(_files.File("plan.json"), Plan);
        await using var service = new StandaloneService(
            ("AgentStream__Models__scripted__ScriptPath", _files.File("plan.json")), ("AgentStream__DefaultModel", "scripted"));
        await service.StartAsync();
        var client = WireNode.RunAsync(script, new
        {
            address = service.Api.GetLeftPart(UriPartial.Authority),
            version,
            turns = new[] { new { runId = "r1", id = "m1", say = "hello" } },
            comesBack = true,
        });
        await HalfWay.ReachedAsync(_files.File("half-way"), client);

        await service.Process.DisposeAsync();
        await File.WriteAllTextAsync(_files.File("go-on"), "");
        await service.StartAsync();

        var whole = (await client)[0].GetProperty("whole");
        Assert.Equal(["It is 42."], version == 0 ? TextsOfMessages(whole) : TextsOfParts(whole));
    }

    private static IEnumerable<string?> TextsOfMessages(JsonElement whole)
        => from message in whole[0].GetProperty("messages").EnumerateArray()
           where message.Maybe("role") == "assistant"
           select message.Maybe("content");

    private static IEnumerable<string?> TextsOfParts(JsonElement whole)
        => from message in whole.GetProperty("messages").EnumerateArray()
           where message.Maybe("role") == "assistant"
           from part in message.GetProperty("parts").EnumerateArray()
           where part.Maybe("type") == "text"
           select part.Maybe("text");
}
