using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support.Categories;

namespace AgentStream.Tests.Web;

/// <summary>What is built, and not published, serves its pages as what is published does: compressed, and kept by browsers.</summary>
[SystemTest]
public sealed partial class BuiltAssetsTests
{
    [Theory]
    [InlineData("Development")]
    [InlineData("Production")]
    public async Task Assets_OfABuild_AreCompressedAndImmutable(string environment)
    {
        await using var service = new StandaloneService(("ASPNETCORE_ENVIRONMENT", environment));
        await service.StartAsync();
        using var handler = new HttpClientHandler { AutomaticDecompression = DecompressionMethods.None };
        using var browser = new HttpClient(handler) { BaseAddress = service.Web };
        browser.DefaultRequestHeaders.AcceptEncoding.ParseAdd("gzip, deflate, br");

        using var chat = await browser.GetAsync("/");
        Assert.True(IsCompressed(chat));
        var assets = new HashSet<string>();
        foreach (var path in new[] { "/", "/classic", "/chat/some-session" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
            using var page = await browser.SendAsync(request);
            assets.UnionWith(Asset().Matches(await page.Content.ReadAsStringAsync()).Select(match => match.Value));
        }

        // Each script has its line in the import map.
        Assert.True(assets.Count > 50, $"Only {assets.Count} were found.");
        var wrong = new List<string>();
        foreach (var asset in assets)
        {
            using var answer = await browser.GetAsync(asset);
            var caching = answer.Headers.CacheControl?.ToString() ?? "";
            if (!answer.IsSuccessStatusCode || !IsCompressed(answer) || !caching.Contains("immutable", StringComparison.Ordinal))
            {
                wrong.Add($"{asset}: {answer.StatusCode}, '{answer.Content.Headers.ContentEncoding}', '{caching}'");
            }
        }

        Assert.Empty(wrong);
    }

    private static bool IsCompressed(HttpResponseMessage answer)
        => answer.Content.Headers.ContentEncoding.SingleOrDefault() is "br" or "gzip";

    // css/base.4x1v0zx2kd.css, as pages and the import map name it. What the import map maps from has no fingerprint.
    [GeneratedRegex(@"(?:(?:js|css)/[\w/.-]+|favicon)\.[a-z0-9]{10}\.(?:js|css|svg)")]
    private static partial Regex Asset();
}
