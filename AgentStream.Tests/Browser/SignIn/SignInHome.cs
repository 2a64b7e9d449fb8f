using AgentStream.Tests.Browser.Shell;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support.Processes;
using AgentStream.Tests.Web;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AgentStream.Tests.Browser.SignIn;

/// <summary>
/// A service to which people sign in at a provider or with a code, whose pages ask the API on its other port; a provider; and a browser.
/// </summary>
public sealed class SignInHome : IAsyncLifetime, IAsyncDisposable
{
    public const string Code = "open sesame, please";

    private readonly ChromiumBrowser _chromium = new();
    private readonly StandaloneService _service;
    private ServiceProcess? _process;

    public SignInHome() => _service = new StandaloneService(
    [
        .. Provider.Settings,
        ("AgentStream__Access__Code__Code", Code),
        ("AgentStream__Access__Tls", "false"),
    ]);

    internal NodeProvider Provider { get; } = new();

    /// <summary>Browsers send the pages' cookie to the API as well.</summary>
    internal Uri Web => _service.Web;

    internal Uri Api => _service.Api;

    /// <summary>The same pages under a name that is not the API's: its cookie does not get there.</summary>
    internal Uri WebOfAnotherName => new UriBuilder(_service.Web) { Host = "127.0.0.1" }.Uri;

    public async Task InitializeAsync()
    {
        if (ChromiumBrowser.Executable is not null)
        {
            SetDefaultExpectTimeout(ChatHome.Patience);
            _process = _service.Launch(("AgentStream__Web__ApiBaseAddress", _service.Api.ToString()));
            var provider = NodeTheoryAttribute.WhatIsMissing is null ? Provider.StartAsync(Web) : Task.CompletedTask;
            await Task.WhenAll(_chromium.InitializeAsync(), provider, _process.WaitUntilReadyAsync());
        }
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _chromium.DisposeAsync();
        await Provider.DisposeAsync();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        await _service.DisposeAsync();
    }

    internal async Task<IBrowserContext> NewPersonAsync()
    {
        var person = await _chromium.Browser.NewContextAsync(new() { ReducedMotion = ReducedMotion.Reduce });
        person.SetDefaultTimeout(ChatHome.Patience);
        return person;
    }

    /// <summary>Opens a page, and signs in at the provider to which that leads.</summary>
    internal async Task<IPage> SignInAtProviderAsync(IBrowserContext person, string name, string path = "/")
    {
        var page = await person.NewPageAsync();
        await page.GotoAsync(new Uri(Web, path).ToString());
        await page.GetByTestId("provider").ClickAsync();
        await page.GetByTestId("login").FillAsync(name);
        await page.GetByTestId("log-in").ClickAsync();
        await ChatHome.ConnectedAsync(page);
        return page;
    }

    /// <summary>Opens a page, and signs in with the code.</summary>
    internal static async Task<IPage> SignInWithCodeAsync(IBrowserContext person, Uri web, string name)
    {
        var page = await person.NewPageAsync();
        await page.GotoAsync(web.ToString());
        await page.GetByTestId("name").FillAsync(name);
        await page.GetByTestId("code").FillAsync(Code);
        await page.GetByTestId("sign-in").ClickAsync();
        await ChatHome.ConnectedAsync(page);
        return page;
    }
}
