using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AgentStream.Tests.Web;

/// <summary>A page of a foreign name that is made to point here gets nothing.</summary>
public sealed class HostNameTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/classic")]
    [InlineData("/classic/s1")]
    [InlineData("/css/theme.css")]
    [InlineData("/nothing/here")]
    public async Task Get_UnderAForeignName_IsForbiddenInASentence(string path)
    {
        await using var web = await RunningWeb.StartAsync();
        using var response = await SendAsync(web, HttpMethod.Get, path, "evil.example:7860");
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal(
            "The pages are not served under this name; an operator can add it to AgentStream:Web:AllowedHosts.",
            await response.Content.ReadAsStringAsync());
        Assert.True(response.Headers.Contains("X-Content-Type-Options"));
    }

    [Fact]
    public async Task Post_UnderAForeignName_DoesNotReachTheApi()
    {
        await using var api = await FakeApi.StartAsync();
        await using var web = await RunningWeb.StartAsync(new() { ["AgentStream:Web:ApiInternalAddress"] = api.Address });
        using var response = await SendAsync(web, HttpMethod.Post, "/classic/s1", "evil.example:7860");
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Empty(api.Received);
    }

    [Theory]
    [InlineData("localhost:7860")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]:7860")]
    [InlineData("LOCALHOST:1")]
    public async Task Get_UnderANameOfThisMachine_IsServed(string host)
    {
        await using var web = await RunningWeb.StartAsync();
        using var response = await SendAsync(web, HttpMethod.Get, "/", host);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("chat.example.com", "chat.example.com", HttpStatusCode.OK)]
    [InlineData("https://chat.example.com:8443/", "chat.example.com", HttpStatusCode.OK)]
    [InlineData("*", "whatever.example", HttpStatusCode.OK)]
    [InlineData("chat.example.com", "localhost", HttpStatusCode.Forbidden)]
    public async Task Get_WithNamesSet_IsServedUnderThese(string setting, string host, HttpStatusCode expected)
    {
        await using var web = await RunningWeb.StartAsync(new() { ["AgentStream:Web:AllowedHosts:0"] = setting });
        using var response = await SendAsync(web, HttpMethod.Get, "/", host);
        Assert.Equal(expected, response.StatusCode);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    public async Task Probe_UnderTheAddressOfAPod_IsAnswered(string path)
    {
        await using var web = await RunningWeb.StartAsync(map: app => app.MapGet(path, () => Results.Ok()));
        using var response = await SendAsync(web, HttpMethod.Get, path, "10.1.2.3:7860");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task<HttpResponseMessage> SendAsync(RunningWeb web, HttpMethod method, string path, string host)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Host = host;
        request.Headers.Add("Origin", $"http://{host}");
        return await web.Client.SendAsync(request);
    }
}
