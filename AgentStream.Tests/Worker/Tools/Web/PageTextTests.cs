using System.Text;
using AgentStream.Worker.Tools;
using AgentStream.Worker.Tools.Web;

namespace AgentStream.Tests.Worker.Tools.Web;

public sealed class PageTextTests
{
    [Fact]
    public void Of_Html_IsItsReadableTextAsMarkdown()
    {
        var text = Html("""
            <html><head><title>A  page</title><style>p{}</style></head><body>
            <nav><a href="/">Home</a></nav>
            <article><h1>Tea</h1><p>Put the <em>kettle</em> on,<br>see <a href="/how">how</a> and <a href="javascript:x()">this</a>.</p>
            <ul><li>green</li><li>black</li></ul><pre>one
              two</pre><table><tr><td>a</td><td>b</td></tr></table></article>
            <p>outside</p></body></html>
            """);

        Assert.Equal(
            "# A page\n\n# Tea\n\nPut the kettle on,\nsee [how](https://example.com/how) and this.\n\n- green\n- black\n\n```\none\n  "
                + "two\n```\n\na | b", text.Replace(" \n", "\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("<p hidden>no</p>")]
    [InlineData("<p style='display: none'>no</p>")]
    [InlineData("<p style='font-size:0'>no</p>")]
    [InlineData("<div aria-hidden=true>no</div>")]
    [InlineData("<script>no</script>")]
    [InlineData("<template>no</template>")]
    [InlineData("<noscript>no</noscript>")]
    [InlineData("<!-- no -->")]
    public void Of_WhatReadersDoNotSee_IsNotThere(string html) => Assert.Equal("yes", Html($"<body><p>yes</p>{html}</body>"));

    [Fact]
    public void Of_PageInAnOldEncoding_IsDecoded()
    {
        var bytes = Encoding.Latin1.GetBytes(
            "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=windows-1252\"></head><body>Grüße</body></html>");

        Assert.Equal("Grüße", PageText.Of(new FetchedPage(new Uri("http://example.com"), "text/html", null, bytes, false)));
    }

    [Theory]
    [InlineData("<div>")]
    [InlineData("<b a=1><p>")]
    [InlineData("<svg><link>")]
    [InlineData("<table><tr><td>")]
    [InlineData("<font color=red></p>")]
    public void Of_PageThatIsNestedAbsurdly_IsRefusedAndDoesNotEndTheProcess(string tags)
        => Assert.Throws<ToolException>(() => Html(string.Concat(Enumerable.Repeat(tags, 200_000)) + "deep"));

    [Fact]
    public void Of_PageWithManyTagsSideBySide_IsRead()
        => Assert.EndsWith(
            "end", Html(string.Concat(Enumerable.Repeat("<div><p>a<br>b<input><img src=x></div>", 20_000)) + "end"),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("application/pdf")]
    [InlineData("image/png")]
    [InlineData("application/octet-stream")]
    public void Of_Binary_IsDescribed(string type)
    {
        var problem = Assert.Throws<ToolException>(
            () => PageText.Of(new FetchedPage(new Uri("http://example.com"), type, null, new byte[123], false)));

        Assert.Contains($"[{type}, 123 bytes]", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/csv")]
    [InlineData("application/ld+json")]
    public void Of_OtherText_IsLeftAsItIs(string type)
        => Assert.Equal(
            "{\"a\": 1}", PageText.Of(new FetchedPage(new Uri("http://example.com"), type, "utf-8", "{\"a\": 1}"u8.ToArray(), false)));

    private static string Html(string html)
        => PageText.Of(new FetchedPage(new Uri("https://example.com/x"), "text/html", "utf-8", Encoding.UTF8.GetBytes(html), false));
}
