using AgentStream.Messaging.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

/// <summary>For hosts that are one part of several.</summary>
public static class SharedStoreExtensions
{
    /// <summary>
    /// As <see cref="MessagingExtensions.AddAgentStreamMessaging"/>, for a process that has only the API or only workers:
    /// it starts only where the log can be shared. On a log of its own each would look well, and messages would wait for ever.
    /// </summary>
    /// <param name="builder">The host that is being built.</param>
    public static IHostApplicationBuilder AddSharedAgentStreamMessaging(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddAgentStreamMessaging();
        builder.Services.AddOptions<SharedStore>()
            .Configure<IConfiguration>((store, configuration) =>
                store.IsNamed = !string.IsNullOrWhiteSpace(configuration.GetConnectionString(RedisOptions.ConnectionName)))
            .Validate(
                store => store.IsNamed,
                $"ConnectionStrings:{RedisOptions.ConnectionName} is not set, and API and workers need a Redis to meet in: set it "
                    + "(localhost:6379, for example), or run AgentStream.Standalone, which needs none.")
            .ValidateOnStart();
        return builder;
    }

    private sealed class SharedStore
    {
        public bool IsNamed { get; set; }
    }
}
