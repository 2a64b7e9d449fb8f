using AgentStream.Messaging.Encryption;
using AgentStream.Messaging.Settings;
using AgentStream.Worker.Tools.Calculator;
using AgentStream.Worker.Tools.Documents;
using AgentStream.Worker.Tools.Mcp;
using AgentStream.Worker.Tools.Mcp.SignIn;
using AgentStream.Worker.Tools.Notes;
using AgentStream.Worker.Tools.Time;
using AgentStream.Worker.Tools.Web;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AgentStream.Worker.Tools;

/// <summary>Adds the tools and the registry that finds them.</summary>
public static class ToolServiceExtensions
{
    /// <summary>
    /// Registers <see cref="ToolRegistry"/> and the built-in tools: <c>calculator</c>, <c>current_time</c>, <c>save_note</c>,
    /// <c>list_notes</c>, those of MCP servers, and, where they are configured, <c>fetch_url</c> and <c>search_documents</c>.
    /// Another tool is one more <see cref="AgentTool"/> singleton.
    /// </summary>
    public static IServiceCollection AddAgentTools(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(CreateRegistry);
        services.TryAddSingleton(CreateNoteStore);
        services.AddSingleton(CalculatorTool.Create());
        services.AddSingleton(provider => CurrentTimeTool.Create(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => NoteTools.CreateSaveNote(provider.GetRequiredService<NoteStore>()));
        services.AddSingleton(provider => NoteTools.CreateListNotes(provider.GetRequiredService<NoteStore>()));
        services.AddMcpServers();
        services.AddSingleton<McpTools>();
        services.AddSingleton<IToolSource>(provider => provider.GetRequiredService<McpTools>());
        services.AddHostedService(provider => provider.GetRequiredService<McpTools>());
        services.AddOptions<FetchUrlOptions>().Configure<IConfiguration>(Configure).ValidateOnStart();
        services.AddSingleton<GuardedConnector>();
        services.AddSingleton(provider => new PageFetcher(
            provider.GetRequiredService<IOptions<FetchUrlOptions>>().Value, provider.GetRequiredService<GuardedConnector>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddOptions<DocumentsOptions>()
            .Configure<IConfiguration>((options, configuration) => CheckedSettings.Bind(options, configuration, DocumentsOptions.Section))
            .ValidateOnStart();
        services.AddSingleton(CreateDocumentIndex);
        return services;
    }

    private static ToolRegistry CreateRegistry(IServiceProvider provider)
    {
        List<AgentTool> tools = [.. provider.GetServices<AgentTool>()];
        List<AbsentTool> absent = [];
        if (provider.GetService<IOptions<FetchUrlOptions>>()?.Value.Enabled == true)
        {
            tools.Add(FetchUrlTool.Create(provider.GetRequiredService<PageFetcher>()));
        }
        else
        {
            absent.Add(new AbsentTool(FetchUrlTool.Name, $"{FetchUrlOptions.Section}:{nameof(FetchUrlOptions.Enabled)}"));
        }

        if (!string.IsNullOrWhiteSpace(provider.GetService<IOptions<DocumentsOptions>>()?.Value.Folder))
        {
            tools.Add(SearchDocumentsTool.Create(provider.GetRequiredService<DocumentIndex>()));
        }
        else
        {
            absent.Add(new AbsentTool(SearchDocumentsTool.Name, $"{DocumentsOptions.Section}:{nameof(DocumentsOptions.Folder)}"));
        }

        return new ToolRegistry(tools, provider.GetServices<IToolSource>(), absent);
    }

    private static void Configure(FetchUrlOptions options, IConfiguration configuration)
    {
        CheckedSettings.Bind(options, configuration, FetchUrlOptions.Section);
        options.ReadLists(configuration);
    }

    private static DocumentIndex CreateDocumentIndex(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<DocumentsOptions>>().Value;
        return new DocumentIndex(
            Path.GetFullPath(options.Folder!, RootOf(provider)), options, provider.GetRequiredService<ILogger<DocumentIndex>>());
    }

    private static string RootOf(IServiceProvider provider)
        => provider.GetService<IHostEnvironment>()?.ContentRootPath ?? AppContext.BaseDirectory;

    private static NoteStore CreateNoteStore(IServiceProvider provider)
    {
        var root = RootOf(provider);
        var data = provider.GetService<IConfiguration>()?["AgentStream:DataDirectory"];
        var directory = Path.Combine(root, string.IsNullOrWhiteSpace(data) ? "data" : data, "notes");
        return new NoteStore(directory, provider.GetRequiredService<TimeProvider>(), provider.GetService<ContentCipher>());
    }
}
