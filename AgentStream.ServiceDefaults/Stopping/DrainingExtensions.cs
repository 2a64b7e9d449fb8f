using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace AgentStream.ServiceDefaults.Stopping;

internal static class DrainingExtensions
{
    /// <summary>Lets balancers look away before a service stops, where <see cref="ShutdownOptions.DrainTime"/> says for how long.</summary>
    public static void AddDraining(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ShutdownOptions>().Configure<IConfiguration>(ShutdownOptions.Bind).ValidateOnStart();
        if (builder.Configuration[ShutdownOptions.DrainTimeSetting] is null)
        {
            return;
        }

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<DrainingCheck>();
        builder.Services.AddHealthChecks().AddCheck<DrainingCheck>("draining");
        builder.Services.Replace(ServiceDescriptor.Singleton<IHostLifetime, DrainingLifetime>());
    }
}
