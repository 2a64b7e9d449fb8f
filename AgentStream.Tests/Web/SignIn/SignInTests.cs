using System.Net;
using System.Text.RegularExpressions;

namespace AgentStream.Tests.Web.SignIn;

public sealed partial class SignInTests
{
    private const string Code = SignInSite.Code;

    [Theory]
    [InlineData("/sign-in")]
    [InlineData("/sign-out")]
    [InlineData("/sign-in/continue")]
    public async Task SignIn_WithoutConfiguration_DoesNotExist(string path)
    {
        await using var web = await RunningWeb.StartAsync();
        using var response = await web.Client.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Page_WithoutConfiguration_SaysNothingOfPeople()
    {
        await using var web = await RunningWeb.StartAsync();
        var html = await web.Client.GetStringAsync(new Uri("/", UriKind.Relative));
        Assert.DoesNotContain("sign-out", html, StringComparison.Ordinal);
        Assert.DoesNotContain("account.css", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/", "/sign-in?return=%2F")]
    [InlineData("/chat/s1", "/sign-in?return=%2Fchat%2Fs1")]
    [InlineData("/classic/s1", "/sign-in?return=%2Fclassic%2Fs1")]
    public async Task Page_OfNobody_LeadsToTheSignIn(string path, string expected)
    {
        await using var site = await SignInSite.StartAsync();
        using var browser = site.NewBrowser();
        using var response = await browser.GetAsync(path);
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal(expected, new Uri(site.Address, response.Headers.Location!).PathAndQuery);
    }

    [Fact]
    public async Task SignIn_WithTheCode_ShowsWhoOneIsInACookieThatNoScriptReads()
    {
        await using var site = await SignInSite.StartAsync();
        using var browser = site.NewBrowser();
        using var response = await SignInSite.SignInAsync(browser, "  Anna \t Example ", Code, "/chat/s1");
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("/chat/s1", response.Headers.Location!.ToString());
        var cookie = Assert.Single(
            response.Headers.GetValues("Set-Cookie"), text => text.StartsWith("agentstream=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("path=/", cookie, StringComparison.OrdinalIgnoreCase);

        var html = await browser.GetStringAsync(new Uri("/chat/s1", UriKind.Relative));
        Assert.Contains("Anna Example", html, StringComparison.Ordinal);
        Assert.Contains("data-access=\"cookie\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_WhereThereIsTls_HasACookieForTlsAlone()
    {
        await using var site = await SignInSite.StartAsync(("AgentStream:Access:Tls", "true"));
        using var browser = site.NewBrowser();
        using var response = await SignInSite.SignInAsync(browser, "Anna", Code);
        var cookie = Assert.Single(response.Headers.GetValues("Set-Cookie"), text => text.StartsWith("__Host-", StringComparison.Ordinal));
        Assert.Contains("secure", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("domain", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("127.0.0.1", "https", true)]
    [InlineData("127.0.0.1", "http", false)]
    [InlineData("10.0.0.1", "https", false)]
    public async Task FormCookie_BehindAListedProxyWithTls_IsForTlsAlone(string proxy, string scheme, bool expected)
    {
        await using var site = await SignInSite.StartAsync(("AgentStream:Proxies:0", proxy));
        using var browser = site.NewBrowser();
        browser.DefaultRequestHeaders.Add("X-Forwarded-Proto", scheme);
        using var response = await browser.GetAsync(new Uri("/sign-in", UriKind.Relative));
        var cookie = Assert.Single(
            response.Headers.GetValues("Set-Cookie"), text => text.Contains("Antiforgery", StringComparison.Ordinal));
        Assert.Equal(expected, cookie.Contains("secure", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("https://example.org/")]
    [InlineData("//example.org/")]
    [InlineData("/\\example.org/")]
    [InlineData("\\\\example.org")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/\t/example.org")]
    [InlineData("~//example.org")]
    [InlineData("chat/s1")]
    [InlineData("")]
    public async Task Return_ToAnotherPlace_IsTheFirstPage(string address)
    {
        await using var site = await SignInSite.StartAsync();
        using var browser = site.NewBrowser();
        using var response = await SignInSite.SignInAsync(browser, "Anna", Code, address);
        Assert.Equal("/", response.Headers.Location!.ToString());
    }

    [Theory]
    [InlineData("Anna", "open sesame", HttpStatusCode.Unauthorized, "not the access code")]
    [InlineData("Anna", "", HttpStatusCode.Unauthorized, "not the access code")]
    [InlineData("   ", Code, HttpStatusCode.BadRequest, "say who you are")]
    [InlineData("a\u0007b", Code, HttpStatusCode.BadRequest, "say who you are")]
    public async Task SignIn_ThatIsWrong_SaysSoAndLetsNobodyIn(string name, string code, HttpStatusCode status, string sentence)
    {
        await using var site = await SignInSite.StartAsync();
        using var browser = site.NewBrowser();
        using var response = await SignInSite.SignInAsync(browser, name, code);
        Assert.Equal(status, response.StatusCode);
        Assert.Contains(sentence, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var page = await browser.GetAsync("/");
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
    }

    [Fact]
    public async Task SignIn_TriedTooOften_IsRefusedForAWhileThoughTheCodeIsRight()
    {
        await using var site = await SignInSite.StartAsync();
        using var browser = site.NewBrowser();
        for (var attempt = 0; attempt < 10; attempt++)
        {
            using var wrong = await SignInSite.SignInAsync(browser, "Anna", $"guess number {attempt}");
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }

        using var response = await SignInSite.SignInAsync(browser, "Anna", Code);
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.InRange(response.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2));
    }

    [Theory]
    [InlineData("/sign-in")]
    [InlineData("/sign-out")]
    [InlineData("/classic/s1")]
    public async Task Form_WithoutItsToken_IsRefused(string path)
    {
        await using var site = await SignInSite.StartAsync();
        using var browser = site.NewBrowser();
        (await SignInSite.SignInAsync(browser, "Anna", Code)).Dispose();
        using var response = await browser.PostAsync(
            new Uri(path, UriKind.Relative), new FormUrlEncodedContent([new("name", "Anna"), new("code", Code)]));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("/sign-in", false)]
    [InlineData("/", true)]
    [InlineData("/classic/s1", true)]
    public async Task Form_ThatIsSent_HasAToken(string path, bool signedIn)
    {
        await using var site = await SignInSite.StartAsync();
        using var browser = site.NewBrowser();
        if (signedIn)
        {
            (await SignInSite.SignInAsync(browser, "Anna", Code)).Dispose();
        }

        var forms = Form().Matches(await browser.GetStringAsync(new Uri(path, UriKind.Relative)));
        Assert.NotEmpty(forms);
        Assert.All(forms, form => Assert.Contains("__RequestVerificationToken", form.Value, StringComparison.Ordinal));
    }

    [Fact]
    public async Task SignOut_EndsTheSignIn_WhateverCopiesOfItsCookieThereAre()
    {
        await using var site = await SignInSite.StartAsync();
        using var browser = site.NewBrowser();
        using var signedIn = await SignInSite.SignInAsync(browser, "Anna", Code);
        var cookie = signedIn.Headers.GetValues("Set-Cookie").Single(text => text.StartsWith("agentstream=", StringComparison.Ordinal));
        using var response = await browser.PostAsync(
            new Uri("/sign-out", UriKind.Relative),
            new FormUrlEncodedContent([new("__RequestVerificationToken", await SignInSite.TokenAsync(browser, "/"))]));
        Assert.Equal("/sign-in?said=out", response.Headers.Location!.ToString());

        using var thief = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = site.Address,
        };
        thief.DefaultRequestHeaders.Add("Cookie", cookie.Split(';')[0]);
        using var page = await thief.GetAsync("/api/sessions");
        Assert.Equal(HttpStatusCode.Unauthorized, page.StatusCode);
    }

    [Fact]
    public async Task Ticket_IsForWhoHasThePage_AndGoodOnce()
    {
        await using var site = await SignInSite.StartAsync();
        using var browser = site.NewBrowser();
        using var nobody = await browser.PostAsync(new Uri("/ticket", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);

        (await SignInSite.SignInAsync(browser, "Anna", Code)).Dispose();
        using var withoutToken = await browser.PostAsync(new Uri("/ticket", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.BadRequest, withoutToken.StatusCode);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/ticket");
        request.Headers.Add("RequestVerificationToken", await SignInSite.TokenAsync(browser, "/"));
        using var answer = await browser.SendAsync(request);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        var ticket = await answer.Content.ReadAsStringAsync();

        using var page = site.NewBrowser();
        page.DefaultRequestHeaders.Add("Authorization", $"Ticket {ticket}");
        using var first = await page.GetAsync("/api/sessions");
        using var second = await page.GetAsync("/api/sessions");
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, second.StatusCode);
    }

    [Fact]
    public async Task Markdown_OfNobody_IsNotRead()
    {
        await using var site = await SignInSite.StartAsync();
        using var browser = site.NewBrowser();
        using var response = await browser.PostAsync(
            new Uri("/markdown", UriKind.Relative), new StringContent("""{"blocks":["*a*"]}""", null, "application/json"));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Classic_OfTwoPeople_IsEachOnesOwn()
    {
        await using var site = await SignInSite.StartAsync();
        using var anna = site.NewBrowser();
        using var ben = site.NewBrowser();
        (await SignInSite.SignInAsync(anna, "Anna", Code)).Dispose();
        (await SignInSite.SignInAsync(ben, "Ben", Code)).Dispose();
        // Not by the form, which waits for an answer: there is no worker here.
        using var sent = await anna.PostAsync(
            new Uri("/api/sessions/of-anna/messages", UriKind.Relative),
            new StringContent("""{"message":"a word of Anna's"}""", null, "application/json"));
        Assert.Equal(HttpStatusCode.Accepted, sent.StatusCode);
        Assert.Contains(
            "a word of Anna", await anna.GetStringAsync(new Uri("/classic/of-anna", UriKind.Relative)), StringComparison.Ordinal);
        Assert.DoesNotContain(
            "a word of Anna", await ben.GetStringAsync(new Uri("/classic/of-anna", UriKind.Relative)), StringComparison.Ordinal);
    }

    // Those that a browser sends, not those that only close a dialog, nor the one that a script reads.
    [GeneratedRegex("""<form[^>]*method="post".*?</form>""", RegexOptions.Singleline)]
    private static partial Regex Form();
}
