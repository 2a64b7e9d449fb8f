using AgentStream.Messaging.Settings;
using AgentStream.ServiceDefaults;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Agents.Files;
using AgentStream.Worker.Hosting;
using AgentStream.Worker.Models;
using AgentStream.Worker.Running.Context;
using AgentStream.Worker.Running.Execution;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds what runs agents.</summary>
public static class WorkerExtensions
{
    /// <summary>
    /// Adds agents, models, tools and the service that claims runs and executes them. Needs <c>AddAgentStreamMessaging</c> beside it.
    /// </summary>
    public static TBuilder AddAgentStreamWorker<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.AddEmbeddedDefaults(typeof(WorkerExtensions).Assembly, "worker.defaults.json");
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddAgentTools();
        builder.Services.AddAgentModels();
        builder.Services.AddOptions<WorkerOptions>()
            .Configure<IConfiguration>((options, configuration) => CheckedSettings.Bind(options, configuration, WorkerOptions.Section))
            .ValidateOnStart();
        builder.Services.AddOptions<AgentsOptions>()
            .Configure<IConfiguration>((options, configuration) => options.Read(configuration))
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<AgentsOptions>, AgentsOptionsValidator>();
        builder.AddAgentFiles();
        builder.Services.AddSingleton<AgentRegistry>();
        builder.Services.AddSingleton(AgentDescriptions.Of);
        builder.Services.AddSingleton<ContextWindows>();
        builder.Services.AddSingleton<FlushClock>();
        builder.Services.AddSingleton<RunExecutor>();
        builder.Services.AddHostedService<WorkerService>();
        return builder;
    }

    private static void AddAgentFiles(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<AgentFilesOptions>()
            .Configure<IConfiguration>((options, configuration) => CheckedSettings.Bind(options, configuration, AgentFilesOptions.Section))
            .ValidateOnStart();
        builder.Services.AddSingleton<AgentFolder>();
        builder.Services.AddSingleton<IFolderWatch, FolderWatch>();
        builder.Services.AddHostedService<AgentFilesService>();
        builder.Services.AddHealthChecks().AddCheck<AgentFilesHealthCheck>("agent files");
    }
}
