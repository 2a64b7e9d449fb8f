using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ModelContextProtocol.AspNetCore.Authentication;
using ModelContextProtocol.Authentication;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentStream.Tests.Worker.Tools.Mcp.SignIn;

/// <summary>A server of the official SDK that lets in who brings a token of an authorisation server, and says where that is.</summary>
internal sealed class GuardedMcpServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    /// <param name="authority">Whose tokens are good.</param>
    /// <param name="withSessions">Whether it has sessions, as servers before revision 2026-07-28.</param>
    /// <param name="called">Hears of each call before it is answered.</param>
    public GuardedMcpServer(AuthorizationServer authority, bool withSessions, Action called)
    {
        McpServerPrimitiveCollection<McpServerTool> tools = [];
        tools.Add(McpServerTool.Create(
            () =>
            {
                called();
                return "pong";
            },
            new() { Name = "ping", Description = "Answers." }));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(authority);
        builder.Services
            .AddAuthentication(options => (options.DefaultAuthenticateScheme, options.DefaultChallengeScheme) =
                (nameof(TokenHandler), McpAuthenticationDefaults.AuthenticationScheme))
            .AddScheme<AuthenticationSchemeOptions, TokenHandler>(nameof(TokenHandler), null)
            .AddMcp(options => options.ResourceMetadata = new ProtectedResourceMetadata
            {
                AuthorizationServers = { authority.Issuer },
                ScopesSupported = ["tools"],
            });
        builder.Services.AddAuthorization();
        builder.Services
            .AddMcpServer(options =>
                (options.ServerInfo, options.ToolCollection) = (new Implementation { Name = "guarded", Version = "1.0" }, tools))
            .WithHttpTransport(options => options.Stateless = !withSessions);
        _app = builder.Build();
        _app.UseAuthentication();
        _app.UseAuthorization();
        _app.MapMcp("/mcp").RequireAuthorization();
    }

    public string Url => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/mcp";

    public Task StartAsync() => _app.StartAsync();

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _app.StopAsync(patience.Token);
        await _app.DisposeAsync();
    }

    private sealed class TokenHandler(
        IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, AuthorizationServer authority)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
    {
        private const string Prefix = "Bearer ";

        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            var header = Request.Headers.Authorization.ToString();
            return Task.FromResult(
                header.StartsWith(Prefix, StringComparison.Ordinal) && authority.IsGood(header[Prefix.Length..])
                    ? AuthenticateResult.Success(new AuthenticationTicket(
                        new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", "somebody")], Scheme.Name)), Scheme.Name))
                    : AuthenticateResult.NoResult());
        }
    }
}
