using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace AgentStream.ServiceDefaults.Settings;

/// <summary>
/// Refuses settings of ours that no service reads: whoever misspells one is told at the start, and not by what does not happen.
/// </summary>
internal sealed class SettingNamesValidator(IConfiguration configuration) : IValidateOptions<SettingNames>
{
    public ValidateOptionsResult Validate(string? name, SettingNames options)
    {
        var failures = configuration.GetSection(SettingNames.Section).AsEnumerable()
            .Where(setting => setting.Value is not null && !SettingNames.Has(setting.Key))
            .Select(setting => setting.Key)
            .Order(StringComparer.Ordinal)
            .Select(Describe)
            .ToList();
        return failures.Count > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }

    private static string Describe(string name)
        => SettingNames.Nearest(name) is { } nearest
            ? $"{name} is no setting. The nearest one is {nearest}: correct the name, or leave the setting out."
            : $"{name} is no setting; docs/operations.md lists them all. Correct the name, or leave the setting out.";
}
