using AgentStream.Tests.Browser.Shell;
using AgentStream.Tests.Distributed.Cluster;
using static Microsoft.Playwright.Assertions;

namespace AgentStream.Tests.Browser.SignIn;

/// <summary>Pages and API servers are processes of their own: the keys of the sign-in's cookie, and its end, go through Redis.</summary>
public sealed class DistributedSignInTests(ChromiumBrowser chromium) : IClassFixture<ChromiumBrowser>
{
    private const string Plan = """{"scripts":[{"replies":[[{"text":"Hello from the plan."}]]}]}""";

    [ChromiumRedisFact]
    public async Task SignIn_AtThePages_HoldsAtEveryApiServerUntilItIsOver()
    {
        await using var cluster = await ServiceCluster.StartAsync(
            Plan, apis: 2, workers: 1, web: true,
            ("AgentStream__Access__Code__Code", SignInHome.Code), ("AgentStream__Access__Tls", "false"));
        SetDefaultExpectTimeout(ChatHome.Patience);
        await using var person = await chromium.Browser.NewContextAsync();
        person.SetDefaultTimeout(ChatHome.Patience);
        var page = await SignInHome.SignInWithCodeAsync(person, cluster.Web, "Anna");
        await ChatHome.AskAndWaitAsync(page, "Good morning");
        foreach (var api in cluster.Apis)
        {
            var list = await person.APIRequest.GetAsync(new Uri(ServiceCluster.AddressOf(api), "/api/sessions").ToString());
            Assert.Equal(200, list.Status);
            Assert.Contains(page.Url.Split('/')[^1], await list.TextAsync(), StringComparison.Ordinal);
        }

        await using var nobody = await chromium.Browser.NewContextAsync();
        var refused = await nobody.APIRequest.GetAsync(new Uri(cluster.Api, "/api/sessions").ToString());
        Assert.Equal(401, refused.Status);

        var other = await person.NewPageAsync();
        await other.GotoAsync(cluster.Web.ToString());
        await other.GetByTestId("sign-out").ClickAsync();
        await Expect(page.GetByTestId("signed-out")).ToBeVisibleAsync();
        await Expect(page.GetByTestId("connection-state")).ToContainTextAsync("Signed out");
    }
}
