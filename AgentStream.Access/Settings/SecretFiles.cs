using AgentStream.Messaging.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace AgentStream.Access;

/// <summary>
/// Reads settings whose secrets may stand in files: <c>ClientSecretFile</c>, or <c>ClientSecret_FILE</c> as containers call it.
/// </summary>
internal static class SecretFiles
{
    /// <param name="options">Gets the values.</param>
    /// <param name="configuration">Where they come from.</param>
    /// <param name="section">The section's full name.</param>
    /// <param name="secret">The setting that may stand in a file.</param>
    /// <param name="take">Takes what the file has.</param>
    /// <exception cref="OptionsValidationException">A setting has a value that it does not take, or the file can't be read.</exception>
    public static void Bind<T>(T options, IConfiguration configuration, string section, string secret, Action<T, string> take)
        where T : class
    {
        CheckedSettings.Bind(options, configuration, section);
        var setting = $"{section}:{secret}";
        if ((Text($"{setting}File") ?? Text(setting + SecretFile.Suffix)) is not { } path)
        {
            return;
        }

        if (Text(setting) is not null)
        {
            throw new OptionsValidationException(
                typeof(T).Name, typeof(T), [$"{setting} and {setting}File are both set; leave one out."]);
        }

        take(options, SecretFile.Read($"{setting}File", path));

        string? Text(string name) => configuration[name] is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;
    }
}
