using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace AgentStream.Tests.Web;

public sealed class MarkdownTests
{
    private static readonly Uri Endpoint = new("/markdown", UriKind.Relative);

    private static readonly HashSet<string> Kinds =
    [
        "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "hr", "pre", "table", "thead", "tbody", "tr", "th", "td",
        "code", "em", "strong", "del", "a", "br", "image", "check", "span",
    ];

    [Theory]
    [InlineData(
        "**a** *b* ~~c~~ `d`",
        """[{"t":"p","c":[{"t":"strong","c":["a"]}," ",{"t":"em","c":["b"]}," ",{"t":"del","c":["c"]}," ",{"t":"code","c":["d"]}]}]""")]
    [InlineData("# One", """[{"t":"h1","c":["One"]}]""")]
    [InlineData("1. a\n2. b", """[{"t":"ol","c":[{"t":"li","c":["a"]},{"t":"li","c":["b"]}]}]""")]
    [InlineData("3. a", """[{"t":"ol","a":{"start":3},"c":[{"t":"li","c":["a"]}]}]""")]
    [InlineData("- [x] a", """[{"t":"ul","c":[{"t":"li","c":[{"t":"check","a":{"checked":true}}," a"]}]}]""")]
    [InlineData(
        "| a | b |\n|:-:|--:|\n| 1 | 2 |",
        """[{"t":"table","c":[{"t":"thead","c":[{"t":"tr","c":[{"t":"th","a":{"align":"center"},"c":["a"]},{"t":"th","a":{"align":"right"},"c":["b"]}]}]},{"t":"tbody","c":[{"t":"tr","c":[{"t":"td","a":{"align":"center"},"c":["1"]},{"t":"td","a":{"align":"right"},"c":["2"]}]}]}]}]""")]
    [InlineData("[a](https://example.org)", """[{"t":"p","c":[{"t":"a","a":{"href":"https://example.org"},"c":["a"]}]}]""")]
    [InlineData("```C# x\ny\n```", """[{"t":"pre","a":{"lang":"c#","text":"y\n"}}]""")]
    [InlineData(
        "![a *cat*](https://example.org/c.png)",
        """[{"t":"p","c":[{"t":"image","a":{"href":"https://example.org/c.png"},"c":["a cat"]}]}]""")]
    [InlineData("<b>x</b> & &lt;", """[{"t":"p","c":["<b>x</b> & <"]}]""")]
    [InlineData("a  \nb\nc", """[{"t":"p","c":["a",{"t":"br"},"b\nc"]}]""")]
    public async Task Markdown_OfABlock_IsATreeOfNodes(string source, string expected)
    {
        await using var web = await RunningWeb.StartAsync();
        var blocks = await ReadAsync(web, source);
        Assert.Equal(expected, JsonSerializer.Serialize(blocks[0], Relaxed));
    }

    [Fact]
    public async Task Markdown_OfHostileText_HasKnownNodesAndSafeAddressesOnly()
    {
        string[] hostile =
        [
            "[x](javascript:alert(1)) [x](JaVaScRiPt:alert(1)) [x](java&#10;script:alert(1)) [x](data:text/html,x) [x](vbscript:x) "
                + "[x](//evil.example) [x](/relative) [x](#here)",
            "<javascript:alert(1)> <img src=x onerror=alert(1)> <script>alert(1)</script> <data:text/html,x>",
            "<div onclick=alert(1)>\n\nx\n\n</div>\n\n<!-- c --> <?php ?> <![CDATA[x]]>",
            "![x](javascript:alert(1)) [![y](data:image/png;base64,AAAA)](javascript:2)",
            "[x](https://user:pass@evil.example) [x](https://google.com%5C@evil.example) [x](<https://a.example\\@evil.example>) "
                + "[x](https://a.example/\u202eb)",
            "[a]: javascript:alert(1)\n\n[a] [b][a]",
            "www.evil.example ftp://evil.example file:///etc/passwd tel:123 https://a.example",
            "```<script>\n</code></pre><script>alert(1)</script>\n```",
            "[x](https://a.example \"\\\"onmouseover=alert(1)\")",
            "| [x](javascript:1) |\n|---|\n| ![y](javascript:2) |",
            "\u0000\u0007 &#0; &#xD800;",
            "javascript:alert(1)", "mailto:a@b.example?subject=x", "[m](mailto:a@b.example\r\nBcc:c)",
        ];
        await using var web = await RunningWeb.StartAsync();

        foreach (var block in await ReadAsync(web, hostile))
        {
            foreach (var node in block.EnumerateArray().SelectMany(All))
            {
                Assert.Contains(node.GetProperty("t").GetString()!, Kinds);
                if (node.TryGetProperty("a", out var attributes) && attributes.TryGetProperty("href", out var href))
                {
                    Assert.Matches("^(https?://|mailto:)[^\\\\\\s\\p{C}]*$", href.GetString());
                    Assert.DoesNotContain("@evil", href.GetString(), StringComparison.Ordinal);
                }
            }
        }
    }

    [Fact]
    public async Task Markdown_NestedWithoutEnd_IsAnsweredWithoutHarm()
    {
        string[] deep =
        [
            string.Concat(Enumerable.Repeat("> ", 5_000)) + "x",
            string.Concat(Enumerable.Repeat("- ", 5_000)) + "x",
            new string('[', 7_500) + "x" + new string(']', 7_500),
            string.Concat(Enumerable.Repeat("*a **b ", 2_000)),
        ];
        await using var web = await RunningWeb.StartAsync();
        var blocks = await ReadAsync(web, deep);
        Assert.Equal(4, blocks.Length);
        Assert.All(blocks, block => Assert.True(block.ValueKind is JsonValueKind.Array or JsonValueKind.Null));
    }

    [Fact]
    public async Task Markdown_OfABlockThatIsTooLong_IsLeftToThePage()
    {
        await using var web = await RunningWeb.StartAsync();
        var blocks = await ReadAsync(web, new string('x', 16_001), "y");
        Assert.Equal([JsonValueKind.Null, JsonValueKind.Array], blocks.Select(block => block.ValueKind));
    }

    [Theory]
    [InlineData("{", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("{}", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("""{"blocks":null}""", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("""{"blocks":[null]}""", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("""{"blocks":"x"}""", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("""{"blocks":[]}""", "text/plain", HttpStatusCode.UnsupportedMediaType)]
    public async Task Markdown_AskedWrongly_IsRefused(string body, string type, HttpStatusCode expected)
    {
        await using var web = await RunningWeb.StartAsync();
        using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(type));
        using var response = await web.Client.PostAsync(Endpoint, content);
        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Markdown_AskedForTooMuch_IsRefused()
    {
        await using var web = await RunningWeb.StartAsync();
        using var many = await web.Client.PostAsJsonAsync(Endpoint, new { blocks = Enumerable.Repeat("x", 65) });
        Assert.Equal(HttpStatusCode.BadRequest, many.StatusCode);
        using var much = await web.Client.PostAsJsonAsync(Endpoint, new { blocks = Enumerable.Repeat(new string('x', 16_000), 5) });
        Assert.Equal(HttpStatusCode.BadRequest, much.StatusCode);
    }

    [Fact]
    public async Task Markdown_AskedByAnotherSite_IsForbidden()
    {
        await using var web = await RunningWeb.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, Endpoint)
        {
            Content = JsonContent.Create(new { blocks = new[] { "x" } }),
        };
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        using var response = await web.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    private static readonly JsonSerializerOptions Relaxed =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static async Task<JsonElement[]> ReadAsync(RunningWeb web, params string[] blocks)
    {
        using var response = await web.Client.PostAsJsonAsync(Endpoint, new { blocks });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return [.. answer.GetProperty("blocks").EnumerateArray()];
    }

    private static IEnumerable<JsonElement> All(JsonElement node)
    {
        if (node.ValueKind == JsonValueKind.Object)
        {
            yield return node;
            if (node.TryGetProperty("c", out var children))
            {
                foreach (var inner in children.EnumerateArray().SelectMany(All))
                {
                    yield return inner;
                }
            }
        }
    }
}
