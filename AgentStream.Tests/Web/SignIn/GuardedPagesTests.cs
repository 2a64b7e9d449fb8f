using System.Net;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using AgentStream.Access;
using AgentStream.Api.Access;
using AgentStream.Tests.Access;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;

namespace AgentStream.Tests.Web.SignIn;

/// <summary>Every page that there is, where people sign in: those that a later change adds included.</summary>
public sealed partial class GuardedPagesTests(GuardedPagesTests.Site home) : IClassFixture<GuardedPagesTests.Site>
{
    // Open to everybody: they ask who somebody is, show what a link shows, or look at the caller themselves.
    // The last is that of static files.
    private static readonly string[] Open =
        ["sign-in", "sign-out", "shared/{sessionId:session_id}", "error", "ticket", "markdown", "{**path:file}"];

    [Fact]
    public void Endpoint_Each_HasThePolicyOfPages_OrIsKnownToBeOpen()
    {
        var endpoints = home.Endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<ApiEndpoint>() is null
            && endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is null).ToList();
        Assert.All(endpoints, endpoint =>
        {
            var isOpen = endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null
                || endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>() is not [.., { Policy: AccessPolicies.Read }];
            Assert.True(!isOpen || Open.Contains(PatternOf(endpoint)), $"{PatternOf(endpoint)} is open to everybody.");
        });
    }

    [Fact]
    public async Task Page_Each_HasAPolicyWithoutInlineScript_ForWhoIsSignedInAndForNobody()
    {
        using var nobody = home.It.NewBrowser();
        using var anna = home.It.NewBrowser();
        anna.DefaultRequestHeaders.Add(GuardedApi.UserHeader, "anna");
        string[] pages =
        [
            .. home.Endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<PageActionDescriptor>() is not null)
                .Select(endpoint => "/" + Parameter().Replace(PatternOf(endpoint), "s1")).Distinct(),
            "/nowhere",
        ];
        Assert.Contains("/runs", pages);
        foreach (var (browser, page) in from browser in new[] { nobody, anna } from page in pages select (browser, page))
        {
            using var response = await browser.GetAsync(new Uri(page, UriKind.Relative));
            var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
            Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("*", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            var html = await response.Content.ReadAsStringAsync();
            Assert.DoesNotMatch(@"<[a-z][^>]*\s(style|on[a-z]+)=", html);
            Assert.InRange(InlineScript().Count(html), 0, policy.Contains("'sha256-", StringComparison.Ordinal) ? 1 : 0);
        }
    }

    [Fact]
    public async Task Page_OfSomebodyWhomAProxyKnows_SaysSo_SoThatItsScriptAsksThroughTheProxyAgain()
    {
        using var anna = home.It.NewBrowser();
        using var bert = home.It.NewBrowser();
        anna.DefaultRequestHeaders.Add(GuardedApi.UserHeader, "anna");
        using var signedIn = await SignInSite.SignInAsync(bert, "Bert", SignInSite.Code);

        Assert.Contains("data-known-by=\"proxy\"", await anna.GetStringAsync(new Uri("/", UriKind.Relative)), StringComparison.Ordinal);
        Assert.Contains("data-known-by=\"sign-in\"", await bert.GetStringAsync(new Uri("/", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/runs")]
    public async Task Page_OfSomebodyWhoseNameIsMarkup_ShowsItAsText(string page)
    {
        const string Name = "<b onmouseover=alert(1)>\"'x";
        using var browser = home.It.NewBrowser();
        using var signedIn = await SignInSite.SignInAsync(browser, Name, SignInSite.Code);
        Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);

        var html = await browser.GetStringAsync(new Uri(page, UriKind.Relative));

        Assert.Contains(HtmlEncoder.Default.Encode(Name), html, StringComparison.Ordinal);
        Assert.DoesNotContain("<b onmouseover", html, StringComparison.OrdinalIgnoreCase);
    }

    private static string PatternOf(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText!.Trim('/');

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"<script(?![^>]*\ssrc=)[^>]*>", RegexOptions.IgnoreCase)]
    private static partial Regex InlineScript();

    /// <summary>One site for all of these tests.</summary>
    public sealed class Site : IAsyncLifetime
    {
        internal SignInSite It { get; private set; } = null!;

        internal IEnumerable<RouteEndpoint> Endpoints
            => It.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

        public async Task InitializeAsync() => It = await SignInSite.StartAsync(
            ("AgentStream:Access:Header:Name", GuardedApi.UserHeader), ("AgentStream:Access:Header:Proxies", "127.0.0.1"));

        public async Task DisposeAsync() => await It.DisposeAsync();
    }
}
