using AgentStream.Messaging.Settings;
using AgentStream.ServiceDefaults;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Agents.Files;
using AgentStream.Worker.CodeFirst;
using AgentStream.Worker.Hosting;
using AgentStream.Worker.Models;
using AgentStream.Worker.Models.Pricing;
using AgentStream.Worker.Running.Context;
using AgentStream.Worker.Running.Execution;
using AgentStream.Worker.Tools;
using AgentStream.Worker.Tools.Mcp.SignIn;
using AgentStream.Worker.Tools.Notes;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds what runs agents.</summary>
public static class WorkerExtensions
{
    /// <summary>
    /// Adds the same, and tools, agents and models of the program's own.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="configure">Adds them.</param>
    public static TBuilder AddAgentStreamWorker<TBuilder>(this TBuilder builder, Action<AgentStreamWorkerBuilder> configure)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(configure);
        builder.AddAgentStreamWorker();
        configure(new AgentStreamWorkerBuilder(builder.Services));
        return builder;
    }

    /// <summary>
    /// Adds agents, models, tools and the service that claims runs and executes them. Needs <c>AddAgentStreamMessaging</c> beside it.
    /// </summary>
    public static TBuilder AddAgentStreamWorker<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.AddEmbeddedDefaults(typeof(WorkerExtensions).Assembly, "worker.defaults.json");
        builder.Services.TryAddSingleton(TimeProvider.System);
        if (McpSignInRegistration.IsWanted(builder.Configuration))
        {
            builder.AddMcpSignIns();
        }

        builder.Services.AddAgentTools();
        builder.Services.AddAgentModels();
        builder.Services.AddOptions<WorkerOptions>()
            .Configure<IConfiguration>((options, configuration) => CheckedSettings.Bind(options, configuration, WorkerOptions.Section))
            .ValidateOnStart();
        builder.Services.AddOptions<AgentsOptions>()
            .Configure<IConfiguration>((options, configuration) => options.Read(configuration))
            .Configure<IEnumerable<CodeAgent>, IServiceProvider>((options, agents, provider) => options.Add(agents, provider))
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<AgentsOptions>, AgentsOptionsValidator>();
        builder.AddAgentFiles();
        builder.Services.AddSingleton<AgentRegistry>();
        builder.Services.AddSingleton(AgentDescriptions.Of);
        builder.Services.AddSingleton<ContextWindows>();
        builder.Services.AddSingleton<ModelPrices>();
        builder.Services.AddSingleton<FlushClock>();
        builder.Services.AddSingleton<RunExecutor>();
        builder.Services.AddSingleton<NoteErasure>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<NoteErasure>());
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
