using AgentStream.Worker.Agents;
using AgentStream.Worker.CodeFirst;
using AgentStream.Worker.Models;
using AgentStream.Worker.Tools;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentStream.Tests.Worker.CodeFirst;

/// <summary>The services of a worker to which a program adds its own, as they are before the start.</summary>
internal sealed class CodeFirstHost : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public CodeFirstHost(Action<AgentStreamWorkerBuilder> configure, params (string Name, string? Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => setting.Value));
        builder.AddAgentStreamWorker(configure);
        _services = builder.Services.BuildServiceProvider(validateScopes: true);
    }

    public ToolRegistry Tools => Get<ToolRegistry>();

    public ModelCatalog Models => Get<ModelCatalog>();

    public AgentSet Agents => Get<AgentRegistry>().Current;

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public AgentTool Tool(string name) => Tools.TryGet(name, out var tool) ? tool : throw new ArgumentException(name);

    public AgentDefinition Agent(string name) => Agents.TryGet(name, out var agent) ? agent : throw new ArgumentException(name);

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
