using System.Net;
using AgentStream.ServiceDefaults.Proxies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.ServiceDefaults;

/// <summary>Whose word counts about who asks, how and where.</summary>
public sealed class ReverseProxyTests
{
    private const string Proxies = "AgentStream:Proxies:0";
    private const string PathPrefix = "AgentStream:PathPrefix";

    [Theory]
    [InlineData("127.0.0.1", "https chat.example.com /agents /where 203.0.113.7")]
    [InlineData("127.0.0.0/8", "https chat.example.com /agents /where 203.0.113.7")]
    [InlineData("10.0.0.1", "http localhost  /where 127.0.0.1")]
    [InlineData(null, "http localhost  /where 127.0.0.1")]
    public async Task ForwardedHeaders_CountFromListedProxiesOnly(string? proxy, string expected)
    {
        await using var app = await StartAsync((Proxies, proxy));
        Assert.Equal(expected, await AskAsync(
            app,
            "/where",
            ("X-Forwarded-For", "203.0.113.7"),
            ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Host", "chat.example.com"),
            ("X-Forwarded-Prefix", "/agents")));
    }

    [Fact]
    public async Task ForwardedFor_WithMoreBeforeTheProxy_EndsAtTheFirstThatIsNotListed()
    {
        await using var app = await StartAsync((Proxies, "127.0.0.1"));
        Assert.Equal("http localhost  /where 203.0.113.7", await AskAsync(app, "/where", ("X-Forwarded-For", "10.1.1.1, 203.0.113.7")));
    }

    [Theory]
    [InlineData("//example.org")]
    [InlineData("/a/../b")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/a b")]
    public async Task ForwardedPrefix_ThatIsNoPath_IsIgnored(string prefix)
    {
        await using var app = await StartAsync((Proxies, "127.0.0.1"));
        Assert.Equal("http localhost  /where 127.0.0.1", await AskAsync(app, "/where", ("X-Forwarded-Prefix", prefix)));
    }

    [Theory]
    [InlineData("/agents", "/where")]
    [InlineData("/agents", "/agents/where")]
    [InlineData("/agents/", "/agents/where")]
    public async Task PathPrefix_WhetherTheProxyTookItOffOrNot_IsTheBaseOfThePath(string prefix, string path)
    {
        await using var app = await StartAsync((PathPrefix, prefix));
        Assert.Equal("http localhost /agents /where 127.0.0.1", await AskAsync(app, path));
    }

    [Fact]
    public async Task PathPrefix_OnlyTheBeginningOfASegment_IsLeft()
    {
        await using var app = await StartAsync((PathPrefix, "/agents"));
        Assert.Equal("http localhost /agents /agentsmith/where 127.0.0.1", await AskAsync(app, "/agentsmith/where"));
    }

    [Theory]
    [InlineData("https", "chat.example.com", true)]
    [InlineData("https", "localhost", false)]
    [InlineData("http", "chat.example.com", false)]
    public async Task StrictTransportSecurity_IsAskedForWhereThereIsTls(string scheme, string host, bool expected)
    {
        await using var app = await StartAsync((Proxies, "127.0.0.1"));
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(app.Urls.First()), "/where"));
        request.Headers.Add("X-Forwarded-Proto", scheme);
        request.Headers.Add("X-Forwarded-Host", host);
        using var response = await client.SendAsync(request);
        Assert.Equal(expected, response.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task Peer_BehindAProxy_IsTheProxy()
    {
        await using var app = await StartAsync((Proxies, "127.0.0.1"));
        Assert.Equal("127.0.0.1", await AskAsync(app, "/peer", ("X-Forwarded-For", "203.0.113.7")));
    }

    [Theory]
    [InlineData(Proxies, "proxy.example.com", "'proxy.example.com' is neither")]
    [InlineData(Proxies, "10.0.0.0/33", "'10.0.0.0/33' is neither")]
    [InlineData(PathPrefix, "agents", "it is 'agents'")]
    [InlineData(PathPrefix, "//example.org", "it is '//example.org'")]
    public async Task Settings_ThatAreWrong_StopTheStart(string setting, string value, string sentence)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync((setting, value)));
        Assert.Contains(sentence, failure.Message, StringComparison.Ordinal);
    }

    private static async Task<WebApplication> StartAsync(params (string Name, string? Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(
            settings.Where(setting => setting.Value is not null).Select(setting => KeyValuePair.Create(setting.Name, setting.Value)));
        builder.AddServiceDefaults();
        var app = builder.Build();
        app.MapGet("/peer", (HttpContext context) => $"{context.Features.GetRequiredFeature<PeerFeature>().Address}");
        app.MapFallback("{**path}", (HttpContext context) =>
        {
            var request = context.Request;
            return $"{request.Scheme} {request.Host.Host} {request.PathBase} {request.Path} {context.Connection.RemoteIpAddress}";
        });
        await app.StartAsync();
        return app;
    }

    private static async Task<string> AskAsync(WebApplication app, string path, params (string Name, string Value)[] headers)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(app.Urls.First()), path));
        request.Headers.Host = "localhost";
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }
}
