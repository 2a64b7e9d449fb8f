using System.Collections.Concurrent;
using System.Net;
using AgentStream.Worker.Tools.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Worker.Tools.Web;

/// <summary>Names that resolve as the test says, and one server that answers at every public address.</summary>
internal sealed class FakeInternet : GuardedConnector, IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly int _port;

    private FakeInternet(WebApplication server)
    {
        _server = server;
        _port = new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
    }

    /// <summary>The answers for a name, one after the other; the last one stays.</summary>
    public ConcurrentDictionary<string, Queue<string[]>> Names { get; } = [];

    /// <summary>Names that were resolved, in order.</summary>
    public List<string> Resolved { get; } = [];

    /// <summary>Where connections went, in order.</summary>
    public List<IPEndPoint> Opened { get; } = [];

    /// <summary>Requests that arrived: host and path.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    public static async Task<FakeInternet> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        FakeInternet? internet = null;
        server.Run(context =>
        {
            internet!.Requests.Enqueue($"{context.Request.Host.Host}{context.Request.Path}");
            return answer(context);
        });
        await server.StartAsync();
        return internet = new FakeInternet(server);
    }

    public FakeInternet With(string name, params string[][] answers)
    {
        Names[name] = new Queue<string[]>(answers);
        return this;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    protected override Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        Resolved.Add(host);
        // Every other name is this machine.
        var answer = !Names.TryGetValue(host, out var answers) ? ["127.0.0.1"] : answers.Count > 1 ? answers.Dequeue() : answers.Peek();
        return Task.FromResult(answer.Select(IPAddress.Parse).ToArray());
    }

    protected override Task<Stream> OpenAsync(IPEndPoint endpoint, CancellationToken cancellationToken)
    {
        Opened.Add(endpoint);
        return base.OpenAsync(new IPEndPoint(IPAddress.Loopback, _port), cancellationToken);
    }
}
