using System.Net;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using AgentStream.Tests.Web.SignIn;

namespace AgentStream.Tests.Browser.SignIn;

/// <summary>The keys of forms and cookies lie in Redis: whichever web server made one, every other reads it.</summary>
public sealed class SharedFormTests
{
    [RedisFact]
    public async Task Form_OfOneWebServer_IsTakenByAnother_AndSoIsItsCookie()
    {
        await using var cluster = await ServiceCluster.StartAsync(
            """{"scripts":[]}""", apis: 0, workers: 0, web: true,
            ("AgentStream__Access__Code__Code", SignInHome.Code), ("AgentStream__Access__Tls", "false"));
        await cluster.StartWebAsync();
        var (one, other) = (ServiceCluster.AddressOf(cluster.Webs[0]), ServiceCluster.AddressOf(cluster.Webs[1]));
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = one };
        browser.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        using var form = new FormUrlEncodedContent(
        [
            new("name", "Anna"), new("code", SignInHome.Code),
            new("__RequestVerificationToken", await SignInSite.TokenAsync(browser, "/sign-in")),
        ]);

        using var signedIn = await browser.PostAsync(new Uri(other, "/sign-in"), form);
        using var page = await browser.GetAsync(new Uri(one, "/"));

        Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("Anna", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
