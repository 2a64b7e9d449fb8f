using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AgentStream.Tests.Web;

public sealed class ChatPageTests
{
    [Fact]
    public async Task Chat_WithASessionInItsAddress_HandsItAndTheApiToTheScript()
    {
        await using var web = await RunningWeb.StartAsync(new() { ["AgentStream:Web:ApiBaseAddress"] = "http://localhost:8000/" });
        var html = await web.Client.GetStringAsync(new Uri("/chat/my_session-1", UriKind.Relative));
        Assert.Contains("data-session-id=\"my_session-1\"", html, StringComparison.Ordinal);
        Assert.Contains("data-api-base=\"http://localhost:8000\"", html, StringComparison.Ordinal);
        Assert.Contains("<base href=\"/\">", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/", true)]
    [InlineData("/chat/s1", true)]
    [InlineData("/classic", false)]
    public async Task Page_OnlyWhereItHasNoToken_IsCompressed(string path, bool expected)
    {
        await using var web = await RunningWeb.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.AcceptEncoding.ParseAdd("gzip");
        using var response = await web.Client.SendAsync(request);
        Assert.Equal(expected, response.Content.Headers.ContentEncoding.Contains("gzip"));
    }

    [Theory]
    [InlineData("message-input")]
    [InlineData("send")]
    [InlineData("stop")]
    [InlineData("connection-state")]
    [InlineData("agent-picker")]
    [InlineData("reasoning-toggle")]
    public async Task Chat_Always_HasTheHooksOfTheBrowserTests(string hook)
    {
        await using var web = await RunningWeb.StartAsync();
        var html = await web.Client.GetStringAsync(new Uri("/", UriKind.Relative));
        Assert.Contains($"data-testid=\"{hook}\"", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/chat/no%20spaces")]
    [InlineData("/chat/%3Cscript%3E")]
    [InlineData("/classic/a.b")]
    public async Task Chat_WithAMalformedSession_IsAPageForPeopleWith404(string path)
    {
        await using var web = await RunningWeb.StartAsync();
        using var response = await web.Client.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("There is nothing here", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Error_WhenSomethingThrows_SaysNothingOfTheException()
    {
        await using var web = await RunningWeb.StartAsync(
            map: app => app.MapGet("/boom", string () => throw new InvalidOperationException("secret")));
        using var response = await web.Client.GetAsync("/boom");
        var html = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Contains("Something went wrong", html, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", html, StringComparison.Ordinal);
        Assert.DoesNotContain("InvalidOperationException", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Error_OfTheApi_IsLeftAsItIs()
    {
        await using var web = await RunningWeb.StartAsync(
            map: app => app.MapGet("/api/gone", () => Results.StatusCode(StatusCodes.Status410Gone)));
        using var response = await web.Client.GetAsync("/api/gone");
        Assert.Equal(HttpStatusCode.Gone, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsStringAsync());
    }
}
