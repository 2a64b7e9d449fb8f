using AgentStream.Messaging.Settings;
using AgentStream.Worker.Models.Brought;
using Microsoft.Extensions.Options;

namespace AgentStream.Worker.Models;

/// <summary>
/// Reads the providers from the configuration and adds what goes without saying:
/// <c>demo</c> and <c>ollama</c> always, the others where the usual variables are set, and those that the program brings.
/// </summary>
internal sealed class ModelsOptionsSetup(IConfiguration configuration, IEnumerable<BroughtModel> brought) : IConfigureOptions<ModelsOptions>
{
    private const string OpenAI = "openai";
    private const string Demo = "demo";
    private const string Ollama = "ollama";
    private const string Anthropic = "anthropic";
    private const string Groq = "groq";

    public void Configure(ModelsOptions options)
    {
        List<BroughtModel> own = [.. brought];
        foreach (var model in own)
        {
            options.Providers[model.Name] = new ModelOptions { Client = model.Create };
        }

        foreach (var section in configuration.GetSection(ModelsOptions.Section).GetChildren())
        {
            var provider = options.Providers.TryGetValue(section.Key, out var known) ? known : new ModelOptions();
            CheckedSettings.Bind(provider, configuration, section.Path);
            provider.Type ??= provider.Client is null ? section.Key : null;
            options.Providers[section.Key] = provider;
        }

        var configured = options.Providers
            .Where(one => one.Value.Client is null && !string.Equals(one.Value.Type, Demo, StringComparison.OrdinalIgnoreCase))
            .Select(one => one.Key)
            .ToArray();
        Add(options, OpenAI, WellKnownModels.OpenAIKey, HasOpenAIVariables());
        Add(options, Anthropic, WellKnownModels.AnthropicKey, Given(configuration[WellKnownModels.AnthropicKey]) is not null);
        Add(options, Groq, WellKnownModels.GroqKey, Given(configuration[WellKnownModels.GroqKey]) is not null);
        options.Providers.TryAdd(Ollama, new ModelOptions { Type = Ollama, IsImplied = true });
        options.Providers.TryAdd(Demo, new ModelOptions { Type = Demo, IsImplied = true });
        options.Default = Given(configuration[ModelsOptions.DefaultSetting])
            ?? (own.Count > 0 ? own[0].Name : null)
            ?? (options.Providers.ContainsKey(OpenAI) ? OpenAI : null)
            ?? configured.Length switch
            {
                0 => options.Providers.ContainsKey(Anthropic) ? Anthropic : options.Providers.ContainsKey(Groq) ? Groq : Demo,
                1 => configured[0],
                _ => null,
            };
    }

    /// <summary>Without its key it is not there, but whoever asks for it is told what is missing.</summary>
    private static void Add(ModelsOptions options, string name, string variable, bool isThere)
    {
        if (isThere)
        {
            options.Providers.TryAdd(name, new ModelOptions { Type = name });
        }
        else if (!options.Providers.ContainsKey(name))
        {
            options.WithoutKey[name] = variable;
        }
    }

    private bool HasOpenAIVariables() =>
        Given(configuration["OPENAI_API_KEY"]) is not null || Given(configuration["OPENAI_API_BASE"]) is not null;

    private static string? Given(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();
}
