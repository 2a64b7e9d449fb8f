using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace AgentStream.Tests.Web.SignIn;

/// <summary>The page of a shared session: anybody may load it, and what it shows is what its link shows.</summary>
public sealed class SharedPageTests
{
    [Theory]
    [InlineData("")]
    [InlineData("/agents")]
    public async Task Page_AskedByNobodyWhoIsKnown_IsServedWithoutAnythingToWriteWith(string prefix)
    {
        await using var site = await SignInSite.StartAsync(("AgentStream:PathPrefix", prefix));
        using var browser = site.NewBrowser();
        using var response = await browser.GetAsync(new Uri($"{prefix}/shared/s1", UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("script-src 'self' 'sha256-", policy, StringComparison.Ordinal);
        var html = await response.Content.ReadAsStringAsync();
        Assert.Contains("data-session-id=\"s1\"", html, StringComparison.Ordinal);
        Assert.Contains($"<base href=\"{prefix}/\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("message-input", html, StringComparison.Ordinal);
        Assert.DoesNotContain("data-testid=\"sidebar\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_WithoutConfiguration_DoesNotExist()
    {
        await using var web = await RunningWeb.StartAsync();
        using var response = await web.Client.GetAsync("/shared/s1");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Ticket_ForALink_NeedsNoForm_AndOpensItsSessionAlone()
    {
        await using var site = await SignInSite.StartAsync();
        using var owner = site.NewBrowser();
        using var signedIn = await SignInSite.SignInAsync(owner, "Anna", SignInSite.Code);
        using var begun = await owner.PostAsJsonAsync("/api/sessions/s1/messages", new { message = "hello" });
        begun.EnsureSuccessStatusCode();
        using var made = await owner.PostAsJsonAsync("/api/sessions/s1/links", new { });
        var secret = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
        using var stranger = site.NewBrowser();

        using var shared = await AskAsync("/api/sessions/s1", await TicketAsync());
        using var list = await AskAsync("/api/sessions", await TicketAsync());
        using var page = await AskAsync("/chat/s1", await TicketAsync());
        using var none = await stranger.PostAsync(new Uri("/ticket", UriKind.Relative), null);
        using var unread = await stranger.PostAsJsonAsync("/markdown", new { blocks = new[] { "**text**" } });
        stranger.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        using var read = await stranger.PostAsJsonAsync("/markdown", new { blocks = new[] { "**text**" } });

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (shared.StatusCode, list.StatusCode));
        Assert.Equal((HttpStatusCode.Redirect, HttpStatusCode.Unauthorized), (page.StatusCode, none.StatusCode));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (unread.StatusCode, read.StatusCode));

        async Task<string> TicketAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/ticket");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
            using var response = await stranger.SendAsync(request);
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadAsStringAsync();
        }

        async Task<HttpResponseMessage> AskAsync(string path, string ticket)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Authorization = new AuthenticationHeaderValue("Ticket", ticket);
            return await stranger.SendAsync(request);
        }
    }
}
