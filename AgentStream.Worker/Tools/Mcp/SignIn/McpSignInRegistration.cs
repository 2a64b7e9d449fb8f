using AgentStream.Messaging.Embedded;
using AgentStream.Messaging.Redis;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AgentStream.Worker.Tools.Mcp.SignIn;

internal static class McpSignInRegistration
{
    /// <summary>Adds the settings of MCP servers, checked at start.</summary>
    public static void AddMcpServers(this IServiceCollection services)
    {
        services.AddOptions<McpOptions>()
            .Configure<IConfiguration>((options, configuration) => options.Read(configuration))
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<McpOptions>, McpOptionsValidator>();
    }

    /// <summary>Tells whether there is a server to be signed in to.</summary>
    public static bool IsWanted(IConfiguration configuration) => configuration.GetSection(McpOptions.Section).GetChildren()
        .Any(server => !string.IsNullOrWhiteSpace(server[$"{nameof(McpServerOptions.OAuth)}:{nameof(McpOAuthOptions.Grant)}"]));

    /// <summary>
    /// Adds what signs in to servers: tokens are kept beside sessions, protected by the keys that all services share.
    /// </summary>
    public static void AddMcpSignIns(this IHostApplicationBuilder builder)
    {
        builder.AddAgentStreamKeyRing();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IMcpTokenStore>(provider => provider.GetService<IConnectionMultiplexer>() is { } redis
            ? new RedisMcpTokenStore(
                redis, provider.GetRequiredService<IOptions<RedisOptions>>(), provider.GetRequiredService<TimeProvider>())
            : new FileMcpTokenStore(
                provider.GetRequiredService<IOptions<EmbeddedOptions>>(), provider.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton(provider => new McpSignIns(
            provider.GetRequiredService<IMcpTokenStore>(), provider.GetRequiredService<IDataProtectionProvider>(),
            provider.GetRequiredService<TimeProvider>()));
    }
}
