using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AgentStream.Web.Classic;

internal static class ClassicChatRegistration
{
    public static IServiceCollection AddClassicChatClient(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ApiTickets>();
        services.AddHttpClient<ClassicChatClient>(client => client.Timeout = Timeout.InfiniteTimeSpan)
            // The client has its own deadlines and log messages; the factory's would log addresses with session ids in them.
            .RemoveAllLoggers();
        return services;
    }
}
