using System.Net;
using System.Text.RegularExpressions;
using AgentStream.Api;
using AgentStream.Tests.Support;
using AgentStream.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Web.SignIn;

/// <summary>Pages and API in one host, with an access code; no worker. A browser is a client with cookies that follows nothing.</summary>
internal sealed partial class SignInSite : IAsyncDisposable
{
    public const string Code = "open sesame, please";

    private readonly TemporaryDirectory _data;
    private readonly WebApplication _app;

    private SignInSite(WebApplication app, TemporaryDirectory data) => (_app, _data) = (app, data);

    public Uri Address => new(_app.Urls.First());

    public IServiceProvider Services => _app.Services;

    public static async Task<SignInSite> StartAsync(params (string Name, string? Value)[] settings)
    {
        var data = new TemporaryDirectory();
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(
        [
            new("AgentStream:DataDirectory", data.Path),
            new("AgentStream:Access:Code:Code", Code),
            new("AgentStream:Access:Tls", "false"),
        ]);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, setting.Value)));
        builder.AddServiceDefaults();
        builder.AddAgentStreamMessaging();
        builder.AddAgentStreamApi();
        builder.AddAgentStreamWeb();
        var app = builder.Build();
        app.MapAgentStreamApi();
        app.MapAgentStreamWeb();
        await app.StartAsync();
        return new SignInSite(app, data);
    }

    /// <summary>Somebody's browser.</summary>
    public HttpClient NewBrowser()
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Address };
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        client.DefaultRequestHeaders.Add("Origin", Address.GetLeftPart(UriPartial.Authority));
        return client;
    }

    /// <summary>Fills in the form of the sign-in page.</summary>
    public static async Task<HttpResponseMessage> SignInAsync(HttpClient browser, string name, string code, string? returnTo = null)
    {
        var token = await TokenAsync(browser, "/sign-in");
        return await browser.PostAsync(
            new Uri("/sign-in", UriKind.Relative),
            new FormUrlEncodedContent(
            [
                new("name", name), new("code", code), new("return", returnTo ?? ""), new("__RequestVerificationToken", token),
            ]));
    }

    /// <summary>The token in the form of a page.</summary>
    public static async Task<string> TokenAsync(HttpClient browser, string path)
    {
        var html = await browser.GetStringAsync(new Uri(path, UriKind.Relative));
        return WebUtility.HtmlDecode(Token().Match(html).Groups[1].Value);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _data.Dispose();
    }

    [GeneratedRegex("""name="__RequestVerificationToken"[^>]*value="([^"]+)""")]
    private static partial Regex Token();
}
