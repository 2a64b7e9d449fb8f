using AgentStream.Tests.Support;
using Microsoft.Playwright;

namespace AgentStream.Tests.Browser;

/// <summary>One headless Chromium for all browser tests; each test has a context of its own.</summary>
public sealed class ChromiumBrowser : IAsyncLifetime
{
    // As root Chromium runs only without its sandbox; the rest keeps it from talking to hosts that tests have no business with.
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    // The shell first: the others draw a window around each page, which costs a test about as much as the page.
    internal static string? Executable { get; } = Requirements.FindProgram(
        "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome");

    internal IBrowser Browser
        => _browser ?? throw new InvalidOperationException("chromium is not installed on this machine; .ci/run installs it.");

    public async Task InitializeAsync()
    {
        if (Executable is null)
        {
            return;
        }

        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions { ExecutablePath = Executable, Args = Arguments, Headless = true });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
