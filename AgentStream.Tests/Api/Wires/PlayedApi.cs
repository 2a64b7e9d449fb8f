using AgentStream.Tests.Api.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AgentStream.Tests.Api.Wires;

/// <summary>An API with a worker that plays <see cref="WireScripts"/>.</summary>
internal sealed class PlayedApi : IAsyncDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly Task _worker;

    private PlayedApi(ApiHost host) => (Host, _worker) = (host, WireScripts.PlayAsync(host, _over.Token));

    public ApiHost Host { get; }

    public static async Task<PlayedApi> StartAsync(Action<IServiceCollection>? services = null)
        => new(await ApiHost.StartAsync(services: services));

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _worker;
        await Host.DisposeAsync();
        _over.Dispose();
    }
}
