using System.Net;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Api.Wires.OpenAI;

/// <summary>Pages may use OpenAI's client, where their origin is allowed.</summary>
public sealed class BrowserTests
{
    [Fact]
    public async Task Page_ThatAsksFirst_MaySendWhatOpenAIsClientSends()
    {
        await using var host = await ApiHost.StartAsync(new() { ["AgentStream:Api:AllowedOrigins:0"] = "https://page.example" });
        using var request = new HttpRequestMessage(HttpMethod.Options, "/v1/chat/completions");
        request.Headers.Add("Origin", "https://page.example");
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add(
            "Access-Control-Request-Headers",
            "authorization,content-type,idempotency-key,x-stainless-arch,x-stainless-lang,x-stainless-os,x-stainless-package-version,"
                + "x-stainless-retry-count,x-stainless-runtime,x-stainless-runtime-version,x-stainless-timeout");

        using var response = await host.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(["https://page.example"], response.Headers.GetValues("Access-Control-Allow-Origin"));
        Assert.Contains(
            "idempotency-key", string.Concat(response.Headers.GetValues("Access-Control-Allow-Headers")),
            StringComparison.OrdinalIgnoreCase);
    }
}
