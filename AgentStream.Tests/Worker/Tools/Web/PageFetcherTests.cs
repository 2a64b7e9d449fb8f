using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.IO.Compression;
using System.Net;
using System.Text;
using AgentStream.Tests.Support;
using AgentStream.Worker.Tools;
using AgentStream.Worker.Tools.Web;
using Microsoft.AspNetCore.Http;

namespace AgentStream.Tests.Worker.Tools.Web;

public sealed class PageFetcherTests
{
    private const string Public = "93.184.216.34";

    [Fact]
    public async Task Fetch_PublicPage_ConnectsToTheVeryAddressThatWasChecked()
    {
        await using var internet = (await FakeInternet.StartAsync(context => Say(context, "hello")))
            .With("example.com", [Public], ["127.0.0.1"]);
        using var fetcher = Fetcher(internet);

        var page = await fetcher.FetchAsync("http://example.com/a?b#c", CancellationToken.None);

        // A second answer of the resolver would have been the loopback: it was asked once.
        Assert.Equal(["example.com"], internet.Resolved);
        Assert.Equal([new IPEndPoint(IPAddress.Parse(Public), 80)], internet.Opened);
        Assert.Equal("hello", Encoding.UTF8.GetString(page.Bytes.Span));
        Assert.Equal("text/plain", page.MediaType);
    }

    [Fact]
    public async Task Fetch_OfAnyHost_IsInNoMetricThatIsExportedAndInNoSpan()
    {
        ConcurrentBag<object?> labels = [];
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Name == "System.Net.Http")
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        meters.SetMeasurementEventCallback<double>((_, _, tags, _) => Array.ForEach(tags.ToArray(), tag => labels.Add(tag.Value)));
        meters.SetMeasurementEventCallback<long>((_, _, tags, _) => Array.ForEach(tags.ToArray(), tag => labels.Add(tag.Value)));
        meters.Start();
        using var spans = new RecordedSpans("System.Net.Http");
        const string Host = "chosen-by-a-model.example";
        await using var internet = (await FakeInternet.StartAsync(context => Say(context, context.Request.Headers.TraceParent.ToString())))
            .With(Host, [Public]);
        using var fetcher = Fetcher(internet);
        using var activity = new Activity("a run").Start();

        var page = await fetcher.FetchAsync($"http://{Host}/", CancellationToken.None);

        Assert.Equal("", Encoding.UTF8.GetString(page.Bytes.Span));
        Assert.DoesNotContain(labels, label => Equals(label, Host));
        Assert.DoesNotContain(spans, span => span.TraceId == activity.TraceId);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:93.184.216.34")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("2002:7f00:1::1")]
    [InlineData("fd00::1")]
    public async Task Fetch_NameOfAPrivateAddress_IsRefusedBeforeAnythingIsOpened(string address)
    {
        await using var internet = (await FakeInternet.StartAsync(context => Say(context, "secret"))).With("sneaky.example", [address]);
        using var fetcher = Fetcher(internet);

        var problem = await Assert.ThrowsAsync<ToolException>(() => fetcher.FetchAsync("http://sneaky.example/", CancellationToken.None));

        Assert.Contains("not on the public internet", problem.Message, StringComparison.Ordinal);
        Assert.Empty(internet.Opened);
    }

    [Fact]
    public async Task Fetch_NameWithAPublicAndAPrivateAddress_IsRefused()
    {
        await using var internet = (await FakeInternet.StartAsync(context => Say(context, "secret")))
            .With("mixed.example", [Public, "127.0.0.1"]);
        using var fetcher = Fetcher(internet);

        await Assert.ThrowsAsync<ToolException>(() => fetcher.FetchAsync("http://mixed.example/", CancellationToken.None));

        Assert.Empty(internet.Opened);
    }

    [Theory]
    [InlineData("http://127.0.0.1/")]
    [InlineData("http://localhost/")]
    [InlineData("http://127.1/")]
    [InlineData("http://2130706433/")]
    [InlineData("http://0x7f000001/")]
    [InlineData("http://0177.0.0.1/")]
    [InlineData("http://0/")]
    [InlineData("http://[::1]/")]
    [InlineData("http://[::ffff:127.0.0.1]/")]
    [InlineData("http://[::ffff:7f00:1]/")]
    [InlineData("http://[64:ff9b::127.0.0.1]/")]
    [InlineData("http://[fe80::1]/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://127。0。0。1/")]
    public async Task Fetch_PrivateAddressInWhateverNotation_IsRefused(string url)
    {
        await using var internet = (await FakeInternet.StartAsync(context => Say(context, "secret"))).With("localhost", ["127.0.0.1"]);
        using var fetcher = Fetcher(internet);

        await Assert.ThrowsAsync<ToolException>(() => fetcher.FetchAsync(url, CancellationToken.None));

        Assert.Empty(internet.Opened);
        Assert.Empty(internet.Requests);
    }

    [Theory]
    [InlineData("file:///etc/passwd", "Only http and https")]
    [InlineData("ftp://example.com/", "Only http and https")]
    [InlineData("gopher://example.com/", "Only http and https")]
    [InlineData("javascript:alert(1)", "")]
    [InlineData("/etc/passwd", "")]
    [InlineData("example.com", "not an absolute URL")]
    [InlineData("http://me:secret@example.com/", "name or password")]
    [InlineData("http://example.com:25/", "Port 25")]
    public async Task Fetch_AddressThatIsNoneOfTheWebs_IsRefused(string url, string reason)
    {
        await using var internet = (await FakeInternet.StartAsync(context => Say(context, "secret"))).With("example.com", [Public]);
        using var fetcher = Fetcher(internet);

        var problem = await Assert.ThrowsAsync<ToolException>(() => fetcher.FetchAsync(url, CancellationToken.None));

        Assert.Contains(reason, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem.Message, StringComparison.Ordinal);
        Assert.Empty(internet.Resolved);
    }

    [Theory]
    [InlineData("http://inner.example/")]
    [InlineData("http://127.0.0.1/")]
    [InlineData("http://[::1]/")]
    [InlineData("//inner.example/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://me:secret@example.com/")]
    public async Task Fetch_RedirectToWhatMayNotBeAsked_IsRefused(string location)
    {
        await using var internet = (await FakeInternet.StartAsync(context => Redirect(context, location)))
            .With("example.com", [Public]).With("inner.example", ["192.168.0.1"]);
        using var fetcher = Fetcher(internet);

        await Assert.ThrowsAsync<ToolException>(() => fetcher.FetchAsync("http://example.com/", CancellationToken.None));

        Assert.Equal(["example.com/"], internet.Requests);
        Assert.Single(internet.Opened);
    }

    [Fact]
    public async Task Fetch_RedirectToANameThatMeansAnotherAddressByNow_IsRefused()
    {
        // A connection of its own for each request, so that the name is asked for again.
        await using var internet = (await FakeInternet.StartAsync(context =>
        {
            context.Response.Headers.Connection = "close";
            return context.Request.Path == "/" ? Redirect(context, "/again") : Say(context, "secret");
        })).With("example.com", [Public], ["127.0.0.1"]);
        using var fetcher = Fetcher(internet);

        var problem = await Assert.ThrowsAsync<ToolException>(() => fetcher.FetchAsync("http://example.com/", CancellationToken.None));

        Assert.Contains("not on the public internet", problem.Message, StringComparison.Ordinal);
        Assert.Equal(["example.com/"], internet.Requests);
    }

    [Fact]
    public async Task Fetch_WhereTheMachineHasAProxy_DoesNotAskIt()
    {
        // A proxy would resolve the name by itself, and reach what this machine may not.
        var proxy = new OneHostsProxy("proxied.example");
        var before = HttpClient.DefaultProxy;
        HttpClient.DefaultProxy = proxy;
        try
        {
            await using var internet = (await FakeInternet.StartAsync(context => Say(context, "secret")))
                .With("proxied.example", ["10.0.0.1"]);
            using var fetcher = Fetcher(internet);

            await Assert.ThrowsAsync<ToolException>(() => fetcher.FetchAsync("http://proxied.example/", CancellationToken.None));

            Assert.False(proxy.WasAsked);
            Assert.Empty(internet.Opened);
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }
    }

    [Fact]
    public async Task Fetch_Redirects_AreFollowedSoManyTimesAndNoMore()
    {
        await using var internet = (await FakeInternet.StartAsync(context =>
            context.Request.Path == "/end" ? Say(context, "there") : Redirect(context, context.Request.Path == "/loop" ? "/loop" : "/end")))
            .With("example.com", [Public]);
        using var fetcher = Fetcher(internet, new FetchUrlOptions { MaxRedirects = 2 });

        var page = await fetcher.FetchAsync("http://example.com/begin", CancellationToken.None);
        var problem = await Assert.ThrowsAsync<ToolException>(() => fetcher.FetchAsync("http://example.com/loop", CancellationToken.None));

        Assert.Equal("http://example.com/end", page.Url.AbsoluteUri);
        Assert.Contains("more than 2 times", problem.Message, StringComparison.Ordinal);
        Assert.Equal(3, internet.Requests.Count(request => request == "example.com/loop"));
    }

    [Theory]
    [InlineData("good.example", true)]
    [InlineData("www.good.example", true)]
    [InlineData("WWW.GOOD.EXAMPLE", true)]
    [InlineData("good.example.", true)]
    [InlineData("notgood.example", false)]
    [InlineData("bad.good.example", false)]
    [InlineData("bad.good.example.", false)]
    [InlineData("x.bad.good.example", false)]
    [InlineData("other.example", false)]
    public async Task Fetch_ListsOfHosts_AreObeyedSubdomainsIncluded(string host, bool allowed)
    {
        await using var internet = await FakeInternet.StartAsync(context => Say(context, "hello"));
        internet.With(host, [Public]).With(host.ToLowerInvariant(), [Public]);
        var options = new FetchUrlOptions();
        options.AllowedHosts.Add("good.example");
        options.DeniedHosts.Add("bad.good.example");
        using var fetcher = Fetcher(internet, options);

        var fetch = () => fetcher.FetchAsync($"http://{host}/", CancellationToken.None);

        if (allowed)
        {
            await fetch();
        }
        else
        {
            Assert.Contains("may not be asked", (await Assert.ThrowsAsync<ToolException>(fetch)).Message, StringComparison.Ordinal);
            Assert.Empty(internet.Resolved);
        }
    }

    [Fact]
    public async Task Fetch_SmallBombThatIsLarge_IsReadUpToTheLimit()
    {
        await using var internet = (await FakeInternet.StartAsync(async context =>
        {
            context.Response.ContentType = "text/plain";
            context.Response.Headers.ContentEncoding = "gzip";
            await using var zip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
            await zip.WriteAsync(new byte[4 * 1024 * 1024]);
        })).With("example.com", [Public]);
        using var fetcher = Fetcher(internet, new FetchUrlOptions { MaxBytes = 10_000 });

        var page = await fetcher.FetchAsync("http://example.com/", CancellationToken.None);

        Assert.True(page.IsCut);
        Assert.Equal(10_000, page.Bytes.Length);
    }

    [Fact]
    public async Task Fetch_ServerThatNeverAnswers_IsGivenUp()
    {
        var clock = new FakeTimeProvider();
        var asked = new TaskCompletionSource();
        await using var internet = (await FakeInternet.StartAsync(async context =>
        {
            asked.SetResult();
            await new TaskCompletionSource().Task.WaitAsync(context.RequestAborted);
        })).With("example.com", [Public]);
        using var fetcher = new PageFetcher(new FetchUrlOptions(), internet, clock);

        var fetch = fetcher.FetchAsync("http://example.com/", CancellationToken.None);
        await asked.Task.WaitAsync(TestTimeouts.Default);
        clock.Advance(TimeSpan.FromSeconds(21));

        var problem = await Assert.ThrowsAsync<ToolException>(() => fetch.WaitAsync(TestTimeouts.Default));
        Assert.Contains("did not come within 20 s", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_ErrorOfTheServer_IsToldByItsStatus()
    {
        await using var internet = (await FakeInternet.StartAsync(context =>
        {
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        })).With("example.com", [Public]);
        using var fetcher = Fetcher(internet);

        var problem = await Assert.ThrowsAsync<ToolException>(() => fetcher.FetchAsync("http://example.com/", CancellationToken.None));

        Assert.Contains("404", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tool_Page_IsTextWithItsSource()
    {
        await using var internet = (await FakeInternet.StartAsync(context =>
        {
            context.Response.ContentType = "text/html; charset=utf-8";
            return context.Response.WriteAsync(
                "<title>News</title><nav>menu</nav><main><h2>Today</h2><p>It <b>rains</b>.</p><script>x()</script></main>");
        })).With("example.com", [Public]);
        using var fetcher = Fetcher(internet);

        var text = await FetchUrlTool.Create(fetcher).CallAsync("""{"url":"http://example.com/news"}""");

        Assert.Equal("Source: http://example.com/news\n\n# News\n\n## Today\n\nIt rains.", text);
    }

    private static PageFetcher Fetcher(FakeInternet internet, FetchUrlOptions? options = null)
        => new(options ?? new FetchUrlOptions(), internet, TimeProvider.System);

    private static Task Say(HttpContext context, string text)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text);
    }

    private static Task Redirect(HttpContext context, string location)
    {
        context.Response.StatusCode = 302;
        context.Response.Headers.Location = location;
        return Task.CompletedTask;
    }

    /// <summary>A proxy for one host alone: other tests, which run meanwhile, are not to notice it.</summary>
    private sealed class OneHostsProxy(string name) : IWebProxy
    {
        public bool WasAsked { get; private set; }

        public ICredentials? Credentials { get; set; }

        public Uri? GetProxy(Uri destination)
        {
            WasAsked |= destination.Host == name;
            return destination.Host == name ? new Uri("http://127.0.0.1:9") : null;
        }

        public bool IsBypassed(Uri host)
        {
            WasAsked |= host.Host == name;
            return host.Host != name;
        }
    }
}
