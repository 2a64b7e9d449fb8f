using AgentStream.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Web;

/// <summary>
/// The pages in a process of their own making: real Kestrel, a free port, a client that keeps cookies and follows nothing.
/// </summary>
internal sealed class RunningWeb : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningWeb(WebApplication app)
    {
        _app = app;
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(app.Urls.First()) };
        // What a browser sends when a person opens a page.
        Client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
    }

    public HttpClient Client { get; }

    public static async Task<RunningWeb> StartAsync(Dictionary<string, string?>? settings = null, Action<WebApplication>? map = null)
    {
        var app = Build(settings);
        app.MapAgentStreamWeb();
        map?.Invoke(app);
        await app.StartAsync();
        return new RunningWeb(app);
    }

    public static WebApplication Build(Dictionary<string, string?>? settings = null)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.AddAgentStreamWeb();
        return builder.Build();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
