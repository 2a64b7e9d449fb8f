using AgentStream.Worker.Tools.Calculator;
using AgentStream.Worker.Tools.Notes;
using AgentStream.Worker.Tools.Time;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AgentStream.Worker.Tools;

/// <summary>Adds the tools and the registry that finds them.</summary>
public static class ToolServiceExtensions
{
    /// <summary>
    /// Registers <see cref="ToolRegistry"/> and the built-in tools: <c>calculator</c>, <c>current_time</c>, <c>save_note</c>, <c>list_notes</c>.
    /// Another tool is one more <see cref="AgentTool"/> singleton.
    /// </summary>
    public static IServiceCollection AddAgentTools(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ToolRegistry>();
        services.TryAddSingleton(CreateNoteStore);
        services.AddSingleton(CalculatorTool.Create());
        services.AddSingleton(provider => CurrentTimeTool.Create(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => NoteTools.CreateSaveNote(provider.GetRequiredService<NoteStore>()));
        services.AddSingleton(provider => NoteTools.CreateListNotes(provider.GetRequiredService<NoteStore>()));
        return services;
    }

    private static NoteStore CreateNoteStore(IServiceProvider provider)
    {
        var root = provider.GetService<IHostEnvironment>()?.ContentRootPath ?? AppContext.BaseDirectory;
        var data = provider.GetService<IConfiguration>()?["AgentStream:DataDirectory"];
        var directory = Path.Combine(root, string.IsNullOrWhiteSpace(data) ? "data" : data, "notes");
        return new NoteStore(directory, provider.GetRequiredService<TimeProvider>());
    }
}
