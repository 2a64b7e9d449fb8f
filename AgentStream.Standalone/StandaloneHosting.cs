using AgentStream.Api;
using AgentStream.Messaging.Settings;
using AgentStream.ServiceDefaults;
using AgentStream.Web;
using Microsoft.Extensions.Options;

namespace AgentStream.Standalone;

/// <summary>Settles what one process has to and three would not: where it listens, and that its pages may talk to its API.</summary>
internal static class StandaloneHosting
{
    /// <summary>Listens on the API's and the pages' port. Both serve everything, so the page finds its API where it came from.</summary>
    public static WebApplicationBuilder AddStandalone(this WebApplicationBuilder builder)
    {
        builder.AddEmbeddedDefaults(typeof(StandaloneHosting).Assembly, "standalone.defaults.json");
        builder.AddDefaultAddress(string.Join(';', PortsIn(builder.Configuration).Distinct().Select(port => $"http://localhost:{port}")));
        builder.Services.AddOptions<StandaloneOptions>().Configure<IConfiguration>(Bind).ValidateOnStart();
        builder.Services.AddOptions<ApiOptions>().PostConfigure<IOptions<StandaloneOptions>>(AllowBothPorts);
        builder.Services.AddOptions<AgentStreamWebOptions>().PostConfigure<IOptions<ApiOptions>>(AllowTheSameNames);
        builder.AddAnnouncement(StandaloneAnnouncement.Of);
        return builder;
    }

    private static void Bind(StandaloneOptions options, IConfiguration configuration)
        => CheckedSettings.Bind(options, configuration, StandaloneOptions.Section);

    // A page needs no leave to ask the address that it came from; this is for one that was told to ask the other port.
    private static void AllowBothPorts(ApiOptions api, IOptions<StandaloneOptions> ports)
    {
        if (api.AllowedOrigins.Length == 0)
        {
            api.AllowedOrigins =
            [
                .. Ports(ports.Value).SelectMany(port => new[] { $"http://localhost:{port}", $"http://127.0.0.1:{port}" }),
            ];
        }
    }

    private static void AllowTheSameNames(AgentStreamWebOptions web, IOptions<ApiOptions> api)
    {
        if (web.AllowedHosts.Length == 0)
        {
            web.AllowedHosts = api.Value.AllowedHosts;
        }
    }

    private static int[] PortsIn(IConfiguration configuration)
    {
        var options = new StandaloneOptions();
        try
        {
            Bind(options, configuration);
        }
        catch (OptionsValidationException)
        {
            // Too early to be told: the start asks again and says so with all else that is wrong.
        }

        return Ports(options);
    }

    private static int[] Ports(StandaloneOptions options) => [options.ApiPort, options.WebPort];
}
