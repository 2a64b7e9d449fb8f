using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace AgentStream.ServiceDefaults;

/// <summary>The addresses of a service when nobody said anything.</summary>
internal static class DefaultAddress
{
    /// <summary>
    /// Listens on <paramref name="address"/> unless addresses, ports (<c>ASPNETCORE_HTTP_PORTS</c>, which container images set) or Kestrel
    /// endpoints are configured in any other way.
    /// </summary>
    /// <param name="builder">The web application that is being built.</param>
    /// <param name="address">A loopback address with its port, such as <c>http://localhost:7860</c>.</param>
    public static WebApplicationBuilder AddDefaultAddress(this WebApplicationBuilder builder, string address)
    {
        ArgumentNullException.ThrowIfNull(builder);

        var configuration = builder.Configuration;
        var configured = configuration[WebHostDefaults.ServerUrlsKey] is { Length: > 0 }
            || configuration[WebHostDefaults.HttpPortsKey] is { Length: > 0 }
            || configuration[WebHostDefaults.HttpsPortsKey] is { Length: > 0 }
            || configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();
        if (!configured)
        {
            builder.WebHost.UseUrls(address);
        }

        return builder;
    }
}
