using AgentStream.Messaging.Settings;
using Microsoft.Extensions.Options;

namespace AgentStream.Worker.Models;

/// <summary>Reads the providers from the configuration and adds what goes without saying: <c>demo</c> always, <c>openai</c> where the usual variables are set.</summary>
internal sealed class ModelsOptionsSetup(IConfiguration configuration) : IConfigureOptions<ModelsOptions>
{
    private const string OpenAI = "openai";
    private const string Demo = "demo";

    public void Configure(ModelsOptions options)
    {
        foreach (var section in configuration.GetSection(ModelsOptions.Section).GetChildren())
        {
            var provider = new ModelOptions();
            CheckedSettings.Bind(provider, configuration, section.Path);
            provider.Type ??= section.Key;
            options.Providers[section.Key] = provider;
        }

        var configured = options.Providers.Where(one => !string.Equals(one.Value.Type, Demo, StringComparison.OrdinalIgnoreCase)).Select(one => one.Key).ToArray();
        if (HasOpenAIVariables())
        {
            options.Providers.TryAdd(OpenAI, new ModelOptions { Type = OpenAI });
        }

        options.Providers.TryAdd(Demo, new ModelOptions { Type = Demo });
        options.Default = Given(configuration[ModelsOptions.DefaultSetting])
            ?? (options.Providers.ContainsKey(OpenAI) ? OpenAI : null)
            ?? configured.Length switch { 0 => Demo, 1 => configured[0], _ => null };
    }

    private bool HasOpenAIVariables() =>
        Given(configuration["OPENAI_API_KEY"]) is not null || Given(configuration["OPENAI_API_BASE"]) is not null;

    private static string? Given(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();
}
