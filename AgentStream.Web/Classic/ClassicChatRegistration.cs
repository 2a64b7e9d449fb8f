using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AgentStream.Web.Classic;

internal static class ClassicChatRegistration
{
    public static IServiceCollection AddClassicChatClient(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddHttpClient<ClassicChatClient>(client => client.Timeout = Timeout.InfiniteTimeSpan)
            // The client has its own deadlines and log messages; the factory's would log addresses with session ids in them.
            .RemoveAllLoggers()
            .ConfigureAdditionalHttpMessageHandlers(static (handlers, _) => RemoveResilience(handlers));
        return services;
    }

    // The defaults' resilience handler gives up after 30 seconds and may send a request twice; an agent may think for minutes. It is named
    // by its type's name because not every feed has the package with the type.
    private static void RemoveResilience(IList<DelegatingHandler> handlers)
    {
        for (var i = handlers.Count - 1; i >= 0; i--)
        {
            if (handlers[i].GetType().FullName is "Microsoft.Extensions.Http.Resilience.ResilienceHandler")
            {
                handlers.RemoveAt(i);
            }
        }
    }
}
