using System.Text.Json;
using AgentStream.Tests.Api.Support;
using AgentStream.Tests.Web;

namespace AgentStream.Tests.Api.Wires;

/// <summary>The stock chat of the AI SDK, from npm, of two versions, against the API.</summary>
public sealed class UiMessageClientTests : IAsyncLifetime
{
    private PlayedApi _api = null!;

    /// <summary>Each run over each version.</summary>
    public static TheoryData<string, int> Runs
    {
        get
        {
            var runs = new TheoryData<string, int>();
            foreach (var one in WireExpectation.All)
            {
                runs.Add(one.Name, 6);
                runs.Add(one.Name, 7);
            }

            return runs;
        }
    }

    public async Task InitializeAsync() => _api = await PlayedApi.StartAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [NodeTheory]
    [MemberData(nameof(Runs))]
    public async Task Chat_CutAfterEveryChunkAndResumed_HasWhatOneHasThatWasNeverCut(string name, int version)
    {
        var expected = WireExpectation.Of(name);
        var said = await WireNode.RunAsync(
            "ui-messages.mjs", new { address = _api.Host.Address, version, turns = TurnsOf(expected), cutsUpTo = 8 });

        Assert.Equal(204, said[1].Number("idle"));
        AssertIs(expected, said[0].GetProperty("whole"));
        Assert.Equal(name == "taken back" && version == 6 ? 1 : 0, said[0].GetProperty("whole").Number("unknown"));
        foreach (var cut in said.Skip(2))
        {
            AssertIs(expected, cut);
        }
    }

    // One process for all of them.
    [NodeTheory]
    [InlineData(8)]
    public async Task Chat_OverASocketCutAfterEveryFrameAndResumed_HasWhatOneHasThatWasNeverCut(int cutsUpTo)
    {
        var runs = WireExpectation.All.Select(one => new { name = one.Name, turns = TurnsOf(one) });

        var said = await WireNode.RunAsync("ui-socket.mjs", new { address = _api.Host.Address, runs, cutsUpTo });

        Assert.Equal(WireExpectation.All.Count * (cutsUpTo + 1), said.Count);
        Assert.All(said, chat => AssertIs(WireExpectation.Of(chat.Text("name")!), chat));
        Assert.All(said, chat => Assert.Equal(JsonValueKind.Null, chat.GetProperty("idle").ValueKind));
    }

    private static object[] TurnsOf(WireExpectation expected) => expected.Approves is { } approved
        ? [new { id = "m1", say = expected.Say }, new { approved }]
        : [new { id = "m1", say = expected.Say }];

    private static void AssertIs(WireExpectation expected, JsonElement chat)
    {
        var parts = chat.GetProperty("messages").EnumerateArray()
            .Where(message => message.Text("role") == "assistant")
            .SelectMany(message => message.GetProperty("parts").EnumerateArray())
            .ToList();
        Assert.Equal(2, chat.GetProperty("messages").GetArrayLength());
        Assert.Equal(
            expected.End == "failed" ? ["The model is gone: try again."] : [],
            chat.GetProperty("errors").EnumerateArray().Select(error => error.GetString()));
        Assert.Equal(expected.End == "failed" ? "error" : "ready", chat.Text("status"));
        Assert.Equal(expected.Thoughts, TextsOf(parts, "reasoning"));
        Assert.Equal([.. expected.Preambles, expected.Text], TextsOf(parts, "text"));
        Assert.Equal(expected.Calls, parts.Where(part => part.Text("type") == "dynamic-tool").Select(CallOf));
    }

    private static IEnumerable<string?> TextsOf(IEnumerable<JsonElement> parts, string type)
        => parts.Where(part => part.Text("type") == type).Select(part => part.Maybe("text"));

    private static string CallOf(JsonElement part)
    {
        var result = part.Text("state") switch
        {
            "output-available" => part.Text("output"),
            "output-error" => part.Text("errorText"),
            "output-denied" => "refused",
            var state => state,
        };
        return $"{part.Text("toolName")} {part.GetProperty("input").GetRawText()} = {result}";
    }
}
