using System.IO.Compression;
using Microsoft.Playwright;
using Xunit.Abstractions;

namespace AgentStream.Tests.Browser.Shell;

/// <summary>What the first visit costs, and whom it talks to.</summary>
public sealed class FirstLoadTests(ChatHome home, ITestOutputHelper output) : IClassFixture<ChatHome>
{
    private const int MostBytes = 160_000;

    [ChromiumFact]
    public async Task FirstLoad_IsSmallAndAsksNoOtherHost()
    {
        await using var person = await home.NewPersonAsync();
        var page = await person.NewPageAsync();
        var finished = new List<IRequest>();
        page.RequestFinished += (_, request) =>
        {
            lock (finished)
            {
                finished.Add(request);
            }
        };

        await page.GotoAsync(home.Service.Web.ToString(), new() { WaitUntil = WaitUntilState.NetworkIdle });
        await ChatHome.ConnectedAsync(page);

        List<IRequest> requests;
        lock (finished)
        {
            requests = [.. finished];
        }

        var bytes = 0;
        foreach (var request in requests)
        {
            Assert.Contains(new Uri(request.Url).Authority, new[] { home.Service.Web.Authority, home.Service.Api.Authority });
            var response = await request.ResponseAsync();
            var body = await response!.BodyAsync();
            bytes += await response.HeaderValueAsync("content-encoding") is null ? body.Length : Compressed(body);
        }

        output.WriteLine($"First load: {requests.Count} requests, {bytes:N0} bytes of bodies, compressed as in a published site.");
        Assert.InRange(bytes, 1, MostBytes);
    }

    [ChromiumFact]
    public async Task Reload_CostsNoAssetAgain()
    {
        await using var person = await home.NewPersonAsync();
        var page = await person.NewPageAsync();
        await page.GotoAsync(home.Service.Web.ToString(), new() { WaitUntil = WaitUntilState.NetworkIdle });
        await ChatHome.ConnectedAsync(page);
        Assert.True(await AssetsFromTheNetworkAsync(page) > 50);

        await page.ReloadAsync(new() { WaitUntil = WaitUntilState.NetworkIdle });
        await ChatHome.ConnectedAsync(page);

        Assert.Equal(0, await AssetsFromTheNetworkAsync(page));
    }

    // What the browser had itself is of size 0.
    private static Task<int> AssetsFromTheNetworkAsync(IPage page) => page.EvaluateAsync<int>(
        @"() => performance.getEntriesByType('resource')
            .filter(entry => /[.](js|css|svg)$/.test(new URL(entry.name).pathname) && entry.transferSize > 0).length");

    // A build compresses in a hurry; publishing takes its time, and that is what people load.
    private static int Compressed(byte[] body)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(body);
        }

        return (int)compressed.Length;
    }
}
