using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentStream.ServiceDefaults.Settings;

internal static class SettingNamesExtensions
{
    /// <summary>Has a service refuse to start with a setting of ours that there is not.</summary>
    public static void AddSettingNames(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<SettingNames>().ValidateOnStart();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SettingNames>, SettingNamesValidator>());
    }
}
