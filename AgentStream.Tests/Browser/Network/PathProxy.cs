using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;

namespace AgentStream.Tests.Browser.Network;

/// <summary>A reverse proxy that serves what is behind it below a path, and nothing else.</summary>
internal sealed class PathProxy : IAsyncDisposable
{
    public const string Prefix = "/agents";

    private readonly WebApplication _app;

    private PathProxy(WebApplication app) => _app = app;

    /// <summary>Where browsers find what is behind it.</summary>
    public Uri Address => new($"{_app.Urls.First()}{Prefix}/");

    /// <param name="behind">Where it passes requests on to.</param>
    /// <param name="strips">Whether it takes the prefix off the path.</param>
    /// <param name="tells">Whether it says in a header which prefix there is.</param>
    public static async Task<PathProxy> StartAsync(Uri behind, bool strips, bool tells)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        // It says who asked, and how and under which name; the prefix only where it is told to.
        var transforms = new List<Dictionary<string, string>> { new() { ["X-Forwarded"] = "Set", ["Prefix"] = "Off" } };
        if (strips)
        {
            transforms.Add(new() { ["PathRemovePrefix"] = Prefix });
        }

        if (tells)
        {
            transforms.Add(new() { ["RequestHeader"] = "X-Forwarded-Prefix", ["Set"] = Prefix });
        }

        builder.Services.AddReverseProxy().LoadFromMemory(
            [
                new RouteConfig
                {
                    RouteId = "all",
                    ClusterId = "service",
                    Match = new RouteMatch { Path = $"{Prefix}/{{**rest}}" },
                    Transforms = transforms,
                },
            ],
            [
                new ClusterConfig
                {
                    ClusterId = "service",
                    Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = behind.ToString() } },
                },
            ]);
        var app = builder.Build();
        app.MapReverseProxy();
        await app.StartAsync();
        return new PathProxy(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
