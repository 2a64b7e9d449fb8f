using AgentStream.ServiceDefaults;

namespace AgentStream.Standalone;

/// <summary>What one process has to settle that three would not: where it listens, and that its page may talk to its API.</summary>
internal static class StandaloneHosting
{
    /// <summary>Listens on the API's and the pages' port. Both serve everything, so the page finds its API where it came from.</summary>
    public static WebApplicationBuilder AddStandalone(this WebApplicationBuilder builder)
    {
        builder.AddEmbeddedDefaults(typeof(StandaloneHosting).Assembly, "standalone.defaults.json");
        var options = builder.Configuration.GetSection(StandaloneOptions.Section).Get<StandaloneOptions>() ?? new StandaloneOptions();
        string[] hosts = ["localhost", "127.0.0.1"];
        var origins = hosts.SelectMany(host => new[] { $"http://{host}:{options.WebPort}", $"http://{host}:{options.ApiPort}" });
        builder.Configuration.Sources.Insert(0, new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource
        {
            InitialData = origins.Select((origin, index) => KeyValuePair.Create($"AgentStream:Api:AllowedOrigins:{index}", (string?)origin)),
        });
        builder.AddDefaultAddress($"http://localhost:{options.ApiPort};http://localhost:{options.WebPort}");
        builder.Services.AddOptions<StandaloneOptions>().BindConfiguration(StandaloneOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.AddAnnouncement(StandaloneAnnouncement.Of);
        return builder;
    }
}
