using AgentStream.Client;
using AgentStream.Client.Extensions;

#pragma warning disable IDE0130 // Where everybody looks for it.
namespace Microsoft.Extensions.DependencyInjection;
#pragma warning restore IDE0130

/// <summary>Adds the client to an application.</summary>
public static class AgentStreamClientServiceExtensions
{
    /// <summary>The name of its <see cref="HttpClient"/>.</summary>
    private const string HttpName = "AgentStream.Client";

    /// <summary>
    /// Adds an <see cref="AgentStreamClient"/>.
    /// Its requests and its sockets go through <see cref="IHttpClientFactory"/>, and so through service discovery where that is added
    /// to all clients (<c>ConfigureHttpClientDefaults</c>): then the address may be the name of a service, such as <c>http://api</c>.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="address">Where the API is.</param>
    /// <param name="configure">Settings.</param>
    /// <returns>For what else its <see cref="HttpClient"/> is to have.</returns>
    public static IHttpClientBuilder AddAgentStreamClient(
        this IServiceCollection services, Uri address, Action<IServiceProvider, AgentStreamClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(address);
        services.AddSingleton(provider =>
        {
            var options = new AgentStreamClientOptions();
            configure?.Invoke(provider, options);

            // Not the factory's client, whose handlers are renewed with each that it makes: this one lives as long as the application.
            var http = new HttpClient(new FreshHandlers(provider.GetRequiredService<IHttpMessageHandlerFactory>(), HttpName))
            {
                BaseAddress = address,
            };
            return new AgentStreamClient(http, options);
        });
        return services.AddHttpClient(HttpName);
    }
}
