using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpsPolicy;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentStream.ServiceDefaults.Proxies;

internal static class ReverseProxyExtensions
{
    /// <summary>Has a service understand the proxies that an operator lists, live below a path, and keep browsers on TLS.</summary>
    public static void AddReverseProxies(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ReverseProxyOptions>().Configure<IConfiguration>(ReverseProxyOptions.Bind).ValidateOnStart();
        builder.Services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<ReverseProxyOptions>, ReverseProxyOptionsValidator>());
        builder.Services.TryAddEnumerable(ServiceDescriptor.Transient<IStartupFilter, ReverseProxyStartupFilter>());
        builder.Services.Configure<HstsOptions>(hsts => hsts.MaxAge = TimeSpan.FromDays(365));
    }
}
