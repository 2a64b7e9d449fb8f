using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using AgentStream.Web.Markdown;

namespace AgentStream.Tests.Web;

public sealed class MarkdownHtmlTests
{
    [Theory]
    [InlineData("# One & *two*", """<h4 class="md-h1">One &amp; <em>two</em></h4>""")]
    [InlineData("3. a\n4. b", """<ol dir="auto" start="3"><li>a</li><li>b</li></ol>""")]
    [InlineData("a  \nb", "<p>a<br />b</p>")]
    [InlineData(
        "- [x] a",
        """<ul dir="auto"><li class="md-task"><input aria-label="Done" checked="" class="md-check" disabled="" type="checkbox" /> a</li></ul>""")]
    [InlineData(
        "| a |\n|--:|\n| 1 |",
        """<div aria-label="Table" class="md-table" role="group" tabindex="0"><table><thead><tr><th class="md-right" scope="col">a</th></tr></thead><tbody><tr><td class="md-right">1</td></tr></tbody></table></div>""")]
    [InlineData(
        "[docs](https://a.example/d)",
        """<p><a href="https://a.example/d" rel="noopener noreferrer" title="https://a.example/d">docs</a></p>""")]
    [InlineData(
        "```html\n<b>\n```",
        """<figure class="code-block"><figcaption class="code-head"><span class="code-lang">html</span></figcaption><pre aria-label="html code" class="code-text" role="group" tabindex="0"><code>&lt;b&gt;&#xA;</code></pre></figure>""")]
    public void Html_OfABlock_IsWhatItMeans(string source, string expected) => Assert.Equal(expected, HtmlOf(source));

    [Theory]
    [InlineData("<script>alert(1)</script><img src=x onerror=alert(1)>")]
    [InlineData("[x](javascript:alert(1)) <javascript:alert(1)> [y](data:text/html,x) [z](https://user@evil.example) [relative](/there)")]
    [InlineData("![x](javascript:alert(1)) ![pixel](https://evil.example/leak.png)")]
    [InlineData("[\"><script>](https://a.example/\"onmouseover=alert(1))")]
    [InlineData("```\"><script>\n</code></pre><script>\n```")]
    public void Html_OfHostileText_HasNoElementAndNoAddressOfItsOwn(string source)
    {
        var html = HtmlOf(source);

        Assert.DoesNotMatch("<(script|img|iframe|object|style)", html);
        Assert.DoesNotMatch("<[^>]*\\son[a-z]+=", html);
        Assert.All(Regex.Matches(html, "href=\"([^\"]*)\""), match => Assert.Matches("^(https://|mailto:)(?!.*@)", match.Groups[1].Value));
    }

    [Theory]
    [InlineData("bank.example", "https://evil.example/login", "evil.example")]
    [InlineData("www.bank.example", "https://bank.example:8443/", null)]
    [InlineData("bank.example", "https://login.bank.example/", null)]
    [InlineData("write to a@bank.example", "mailto:b@evil.example?subject=x", "evil.example")]
    [InlineData("README.md", "https://host.example/README.md", null)]
    [InlineData("the docs", "https://host.example/", null)]
    public void Link_WhoseTextNamesAHost_SaysWhereItLeadsIfThatIsAnotherOne(string text, string address, string? expected) =>
        Assert.Equal(expected, HonestHost.Of(text, address));

    [Fact]
    public void Html_OfTextThatNestsWithoutEndOrIsVeryLong_IsLeftToThePage()
    {
        Assert.Null(MarkdownHtml.Of(string.Concat(Enumerable.Repeat("> ", 5_000)) + "x"));
        Assert.Null(MarkdownHtml.Of(new string('x', MarkdownHtml.LongestText + 1)));
    }

    private static string HtmlOf(string source)
    {
        using var writer = new StringWriter();
        MarkdownHtml.Of(source)!.WriteTo(writer, HtmlEncoder.Default);
        return writer.ToString();
    }
}
