using AgentStream.Worker.Models.AnthropicMessages;
using AgentStream.Worker.Models.Brought;
using AgentStream.Worker.Models.Demo;
using AgentStream.Worker.Models.OpenAICompatible;
using AgentStream.Worker.Models.Scripted;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AgentStream.Worker.Models;

/// <summary>Adds the models.</summary>
public static class ModelServiceExtensions
{
    /// <summary>Registers <see cref="ModelCatalog"/> over the configuration; wrong settings stop the host at start.</summary>
    public static IServiceCollection AddAgentModels(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        foreach (var preset in new[] { OpenAIPreset.OpenAI, OpenAIPreset.Groq, OpenAIPreset.Ollama })
        {
            services.AddSingleton<IModelProviderFactory>(
                provider => ActivatorUtilities.CreateInstance<OpenAIProviderFactory>(provider, preset));
        }

        services.AddSingleton<IModelProviderFactory, AnthropicProviderFactory>();
        services.AddSingleton<IModelProviderFactory, DemoProviderFactory>();
        services.AddSingleton<IModelProviderFactory, ScriptedProviderFactory>();
        services.TryAddSingleton<BroughtModels>();
        services.AddSingleton<IConfigureOptions<ModelsOptions>, ModelsOptionsSetup>();
        services.AddSingleton<IValidateOptions<ModelsOptions>, ModelsOptionsValidator>();
        services.AddOptions<ModelsOptions>().ValidateOnStart();
        services.TryAddSingleton(static provider => ModelCatalog.Create(
            provider.GetRequiredService<IOptions<ModelsOptions>>(), provider.GetServices<IModelProviderFactory>(),
            provider.GetRequiredService<BroughtModels>(), provider.GetRequiredService<TimeProvider>()));
        return services;
    }
}
