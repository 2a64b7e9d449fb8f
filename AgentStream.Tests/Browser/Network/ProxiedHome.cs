using AgentStream.Tests.Distributed.Cluster;
using Microsoft.Playwright;

namespace AgentStream.Tests.Browser.Network;

/// <summary>Two services that know which proxies to believe; one of them was told its path, too. And a browser.</summary>
public sealed class ProxiedHome : IAsyncLifetime, IAsyncDisposable
{
    private static readonly (string, string?)[] Believing =
        [("AgentStream__Proxies__0", "127.0.0.1"), ("AgentStream__Proxies__1", "::1")];

    private readonly ChromiumBrowser _chromium = new();
    private readonly StandaloneService _told = new([.. Believing, ("AgentStream__PathPrefix", PathProxy.Prefix)]);
    private readonly StandaloneService _untold = new(Believing);

    internal IBrowser Browser => _chromium.Browser;

    internal Uri Web(bool toldItsPath) => toldItsPath ? _told.Web : _untold.Web;

    public async Task InitializeAsync()
    {
        if (ChromiumBrowser.Executable is not null)
        {
            await Task.WhenAll(_chromium.InitializeAsync(), _told.StartAsync(), _untold.StartAsync());
        }
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _chromium.DisposeAsync();
        await _told.DisposeAsync();
        await _untold.DisposeAsync();
    }
}
