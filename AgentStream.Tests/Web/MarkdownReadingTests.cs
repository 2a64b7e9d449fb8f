using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentStream.Tests.Support;
using AgentStream.Web.Markdown;

namespace AgentStream.Tests.Web;

/// <summary>
/// The server's reading of Markdown against the file to which the page's is held (<c>js-tests/markdown/readings.test.mjs</c>):
/// what streams in is read there and what is complete is read here, and where they differed the text would change under the reader's eyes.
/// </summary>
public sealed class MarkdownReadingTests
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string, string, string> Readings()
    {
        var file = Path.Combine(Repository.Root, "AgentStream.Web", "js-tests", "markdown", "readings.json");
        var data = new TheoryData<string, string, string>();
        foreach (var (kind, readings) in JsonNode.Parse(File.ReadAllText(file))!.AsObject())
        {
            foreach (var reading in readings!.AsArray())
            {
                data.Add(kind, reading!["source"]!.GetValue<string>(), reading["tree"]!.ToJsonString(Relaxed));
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Readings))]
    public void Server_OfTheSharedTexts_ReadsWhatThePageReads(string kind, string source, string tree)
    {
        Assert.NotEmpty(kind);
        Assert.Equal(Normalised(JsonNode.Parse(tree)!), Normalised(JsonNode.Parse(TreeOf(source))!));
    }

    [Fact]
    public void Server_OfMathematicsMadeToCostMuch_IsDoneSoon()
    {
        string[] hostile =
        [
            string.Concat(Enumerable.Repeat("\\(", 100_000)), string.Concat(Enumerable.Repeat("\\[\n", 60_000)),
            string.Concat(Enumerable.Repeat("$x ", 60_000)), string.Concat(Enumerable.Repeat("$$\n\n", 40_001)),
            string.Concat(Enumerable.Repeat("\\begin{a}\n", 20_000)), string.Concat(Enumerable.Repeat("` `` \\( ", 20_000)),
        ];
        var started = TimeProvider.System.GetTimestamp();

        Assert.All(hostile, source => Assert.Equal(source, Mathematics.In(source) is var read ? read.Restore(read.Masked) : null));
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Server_OfTextWithPrivateCharacters_LeavesThemAsTheyAre()
    {
        const string Source = "\ue000 \\(a_1\\) \ue001 \\(b_2\\)";

        Assert.Equal(Source, JsonNode.Parse(TreeOf(Source))![0]!["c"]![0]!.GetValue<string>());
    }

    private static string TreeOf(string source)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            new MarkdownTree(json).Write(MarkdownParser.Parse(source)!);
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    // A browser writes addresses in its own way, which leads to the same place.
    private static string Normalised(JsonNode tree)
    {
        foreach (var node in All(tree))
        {
            if (node["a"]?["href"] is { } address)
            {
                node["a"]!["href"] = new Uri(address.GetValue<string>()).AbsoluteUri;
            }
        }

        return tree.ToJsonString(Relaxed);
    }

    private static IEnumerable<JsonObject> All(JsonNode? node) => node switch
    {
        JsonArray nodes => nodes.SelectMany(All),
        JsonObject one => All(one["c"]).Prepend(one),
        _ => [],
    };
}
