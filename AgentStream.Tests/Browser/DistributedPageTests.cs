using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;
using AgentStream.Tests.Support.Processes;
using Microsoft.Playwright;
using Xunit.Sdk;

namespace AgentStream.Tests.Browser;

/// <summary>The page of the Web process, with API servers and workers elsewhere.</summary>
[Collection(ClusterCollection.Name)]
public sealed class DistributedPageTests(ClusterFixture fixture, ChromiumBrowser chromium) : IClassFixture<ChromiumBrowser>, IAsyncLifetime
{
    public Task InitializeAsync() => fixture.RestoreAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [ChromiumRedisFact]
    public async Task ApiServerKilled_InTheMiddleOfTheAnswer_PageGoesOnWithTheOtherAndShowsEveryTokenOnce()
    {
        // One server only, so that the page is connected to the one that is going to die.
        var cluster = fixture.Cluster;
        await cluster.KillAsync(cluster.Apis[1]);
        await using var context = await chromium.Browser.NewContextAsync(new() { ReducedMotion = ReducedMotion.Reduce });
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(cluster.Web, "/chat/page-survives").ToString());
        await Assertions.Expect(page.GetByTestId("connection-state"))
            .ToHaveAttributeAsync("data-state", "connected", new() { Timeout = Patience });
        await page.GetByTestId("message-input").FillAsync("page-survives");
        await page.GetByTestId("send").ClickAsync();
        await Assertions.Expect(page.Locator("[data-testid=step]").Last).ToContainTextAsync("One", new() { Timeout = Patience });

        var doomed = cluster.Apis[0];
        await cluster.StartApiAsync();
        await cluster.KillAsync(doomed);
        await cluster.OpenGateAsync("page-survives");

        await Assertions.Expect(page.GetByTestId("answer")).ToHaveTextAsync("One two.", new() { Timeout = Patience });
        await Assertions.Expect(page.GetByTestId("run")).ToHaveAttributeAsync("data-status", "completed", new() { Timeout = Patience });
        await Assertions.Expect(page.GetByTestId("connection-state"))
            .ToHaveAttributeAsync("data-state", "connected", new() { Timeout = Patience });
        Assert.Equal(1, await page.GetByTestId("run").CountAsync());
        Assert.Equal(1, await page.GetByTestId("step").CountAsync());
    }

    private static float Patience => (float)TestTimeouts.Default.TotalMilliseconds;
}

/// <summary>A test that needs a real browser and redis-server.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SystemTestDiscoverer.TypeName, SystemTestDiscoverer.AssemblyName)]
internal sealed class ChromiumRedisFactAttribute : FactAttribute, ISystemTest
{
    public ChromiumRedisFactAttribute()
        => Skip = RedisServer.SkipReason ?? Requirements.SkipWithout("chromium", ChromiumBrowser.Executable);
}
