using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using AgentStream.Api;
using AgentStream.Api.Delivery;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Api.Support;

/// <summary>The API on a real Kestrel and the embedded store, in a directory of its own.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    /// <summary>How long a test waits for what has to come; only a failing one waits that long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly WebApplication _app;
    private readonly TemporaryDirectory _directory;

    private ApiHost(WebApplication app, TemporaryDirectory directory)
    {
        _app = app;
        _directory = directory;
        Address = new Uri(app.Urls.Single());
        Http = new HttpClient { BaseAddress = Address, Timeout = Patience };
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    public ISessionLog Log => _app.Services.GetRequiredService<ISessionLog>();

    /// <summary>Method and path of everything that is mapped.</summary>
    public IEnumerable<string> Routes =>
        from endpoint in _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
        select $"{method} {endpoint.RoutePattern.RawText!.Replace("**", "", StringComparison.Ordinal).TrimEnd('/')}";

    public IRunQueue Queue => _app.Services.GetRequiredService<IRunQueue>();

    public StoreSwitch Store => _app.Services.GetRequiredService<StoreSwitch>();

    public static async Task<ApiHost> StartAsync(
        Dictionary<string, string?>? settings = null,
        TimeProvider? time = null,
        Action<IServiceCollection>? services = null,
        Action<WebApplication>? map = null,
        X509Certificate2? certificate = null,
        ILoggerProvider? logs = null)
    {
        var directory = new TemporaryDirectory();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ContentRootPath = directory.Path,
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
        });
        builder.Logging.ClearProviders();
        if (logs is not null)
        {
            builder.Logging.AddProvider(logs);
        }

        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AgentStream:DataDirectory"] = directory.Path,
            ["AgentStream:Embedded:FlushToDisk"] = "false",
        });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.WebHost.UseUrls(certificate is null ? "http://127.0.0.1:0" : "https://127.0.0.1:0");
        if (certificate is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration()
                .ConfigureKestrel(kestrel => kestrel.ConfigureHttpsDefaults(https => https.ServerCertificate = certificate));
        }

        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        builder.AddAgentStreamMessaging();
        StoreSwitch.Install(builder.Services);
        services?.Invoke(builder.Services);
        builder.AddAgentStreamApi();
        var app = builder.Build();
        app.MapAgentStreamApi();
        map?.Invoke(app);
        try
        {
            await app.StartAsync();
            return new ApiHost(app, directory);
        }
        catch
        {
            await app.DisposeAsync();
            directory.Dispose();
            throw;
        }
    }

    public Task<SocketClient> ConnectAsync(string path, string? origin = null, params string[] subProtocols)
        => SocketClient.ConnectAsync(new Uri($"ws://{Address.Authority}{path}"), origin, subProtocols);

    /// <summary>Connects as somebody.</summary>
    public Task<SocketClient> ConnectAsAsync(string authorization, string path)
        => SocketClient.ConnectAsAsync(authorization, new Uri($"ws://{Address.Authority}{path}"));

    /// <summary>Posts a message and answers with its run.</summary>
    public async Task<RunId> PostAsync(string sessionId, string message, string? messageId = null, object[]? tools = null)
    {
        var body = new { message, message_id = messageId ?? Guid.NewGuid().ToString("n"), tools };
        using var response = await Http.PostAsJsonAsync($"/api/sessions/{sessionId}/messages", body);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return RunId.Parse(answer.GetProperty("run_id").GetString()!);
    }

    public Task<ScriptedRun> ClaimAsync() => ScriptedRun.ClaimAsync(Log, Queue);

    /// <summary>Does something again and again until no client is connected any more.</summary>
    public async Task EmptyAsync(Action again)
    {
        using var patience = new CancellationTokenSource(Patience);
        var connections = _app.Services.GetRequiredService<ConnectionRegistry>();
        while (connections.All.Any())
        {
            patience.Token.ThrowIfCancellationRequested();
            again();
            await Task.Yield();
        }
    }

    /// <summary>Waits until a client is connected.</summary>
    public async Task UntilConnectedAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        var connections = _app.Services.GetRequiredService<ConnectionRegistry>();
        while (!connections.All.Any())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        _directory.Dispose();
    }
}
