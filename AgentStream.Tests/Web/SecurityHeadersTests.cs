using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Web;

public sealed partial class SecurityHeadersTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/chat/s1")]
    [InlineData("/error")]
    [InlineData("/nowhere")]
    [InlineData("/js/chat/main.js")]
    public async Task Headers_OnEveryAnswer_AreStrict(string path)
    {
        await using var web = await RunningWeb.StartAsync();
        using var response = await web.Client.GetAsync(path);
        var policy = Policy(response);
        Assert.Equal("'none'", policy["default-src"]);
        Assert.Equal("'self'", policy["img-src"]);
        Assert.Equal("'self'", policy["style-src"]);
        Assert.Equal("'self'", policy["base-uri"]);
        Assert.Equal("'self'", policy["form-action"]);
        Assert.Equal("'none'", policy["frame-ancestors"]);
        Assert.DoesNotContain("unsafe", policy["script-src"], StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("same-origin", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
        Assert.False(response.Headers.Contains("Server"));
        Assert.False(response.Headers.Contains("X-Powered-By"));
    }

    [Fact]
    public async Task ConnectSources_SameOrigin_AreSelfOnly()
    {
        await using var web = await RunningWeb.StartAsync();
        using var response = await web.Client.GetAsync("/");
        Assert.Equal("'self'", Policy(response)["connect-src"]);
    }

    [Theory]
    [InlineData("http://localhost:8000", "'self' http://localhost:8000 ws://localhost:8000")]
    [InlineData("https://api.example.org/agents/", "'self' https://api.example.org wss://api.example.org")]
    public async Task ConnectSources_ApiElsewhere_NameItsOriginForFetchAndSockets(string address, string expected)
    {
        await using var web = await RunningWeb.StartAsync(new() { ["AgentStream:Web:ApiBaseAddress"] = address });
        using var response = await web.Client.GetAsync("/");
        Assert.Equal(expected, Policy(response)["connect-src"]);
    }

    [Fact]
    public async Task ImportMap_OnTheChatPage_IsTheOneInlineScriptAndAllowedByItsHash()
    {
        await using var web = await RunningWeb.StartAsync();
        using var response = await web.Client.GetAsync("/chat/s1");
        var html = await response.Content.ReadAsStringAsync();
        var inline = Assert.Single(InlineScript().Matches(html)).Groups[1].Value;
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(inline.ReplaceLineEndings("\n"))));
        Assert.Equal($"'self' 'sha256-{hash}'", Policy(response)["script-src"]);
        Assert.DoesNotContain(" style=", html, StringComparison.Ordinal);
        Assert.DoesNotContain(" on", EventAttribute().Match(html).Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ImportMap_EveryModule_IsServedUnderAFingerprintedName()
    {
        await using var web = await RunningWeb.StartAsync();
        var html = await web.Client.GetStringAsync(new Uri("/", UriKind.Relative));
        using var map = JsonDocument.Parse(InlineScript().Match(html).Groups[1].Value);
        var imports = map.RootElement.GetProperty("imports").EnumerateObject().ToList();
        Assert.Contains(imports, import => import.Name == "./js/chat/view/steps/step.js");
        Assert.Contains(imports, import => import.Name == "./js/client/session.js");
        foreach (var import in imports)
        {
            using var response = await web.Client.GetAsync(import.Value.GetString()![1..]);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("text/javascript", response.Content.Headers.ContentType?.MediaType);
            Assert.NotEqual(import.Name, import.Value.GetString());
            Assert.NotEmpty(await response.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public void Scripts_NeverMakeHtmlOutOfStringsNorNameAnotherHost()
    {
        string[] scripts =
        [
            .. Directory.GetFiles(Path.Combine(Repository.Root, "AgentStream.Web", "wwwroot", "js"), "*.js", SearchOption.AllDirectories),
            .. Directory.GetFiles(Path.Combine(Repository.Root, "clients", "js", "src"), "*.js", SearchOption.AllDirectories),
        ];
        Assert.NotEmpty(scripts);
        // The namespace of SVG is a name that is never asked for.
        Assert.All(scripts, script => Assert.DoesNotMatch(
            "innerHTML|outerHTML|insertAdjacentHTML|document\\.write|eval\\(|new Function|https?://(?!www\\.w3\\.org/2000/svg')",
            File.ReadAllText(script)));
    }

    [Theory]
    [InlineData("/", "./js/chat/page.js", "./js/chat/runs/board.js")]
    [InlineData("/runs", "./js/chat/runs/board.js", "./js/chat/shared/page.js")]
    [InlineData("/chat/s1", "./js/chat/page.js", "./js/chat/saved/page.js")]
    public async Task ImportMap_OfAPage_LeavesOutTheModulesOfOthers(string page, string own, string foreign)
    {
        await using var web = await RunningWeb.StartAsync();
        var html = await web.Client.GetStringAsync(new Uri(page, UriKind.Relative));
        using var map = JsonDocument.Parse(InlineScript().Match(html).Groups[1].Value);
        var names = map.RootElement.GetProperty("imports").EnumerateObject().Select(import => import.Name).ToList();

        Assert.Contains(own, names);
        Assert.DoesNotContain(foreign, names);
        using var plain = await web.Client.GetAsync(foreign[1..]);
        Assert.Equal(HttpStatusCode.OK, plain.StatusCode);
    }

    private static Dictionary<string, string> Policy(HttpResponseMessage response) =>
        Assert.Single(response.Headers.GetValues("Content-Security-Policy"))
            .Split("; ")
            .ToDictionary(directive => directive.Split(' ', 2)[0], directive => directive.Split(' ', 2)[1]);

    [GeneratedRegex(@"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex InlineScript();

    [GeneratedRegex(@"<[a-z][^>]*\son[a-z]+=", RegexOptions.IgnoreCase)]
    private static partial Regex EventAttribute();
}
