using AgentStream.Worker.Tools.Mcp.SignIn;
using Microsoft.Extensions.Options;

namespace AgentStream.Worker.Tools.Mcp;

/// <summary>The tools of all configured MCP servers, and the service that keeps the connections.</summary>
/// <remarks>Nothing waits for a server: the worker is ready without them, and their tools appear when they do.</remarks>
internal sealed class McpTools : BackgroundService, IToolSource
{
    private readonly IReadOnlyList<McpConnection> _connections;

    public McpTools(IOptions<McpOptions> options, TimeProvider time, ILoggerFactory loggers, McpSignIns? signIns = null)
    {
        _connections = [.. options.Value.Servers.Select(server => new McpConnection(server.Key, server.Value, signIns, time, loggers))];
        foreach (var connection in _connections)
        {
            connection.Changed += () => Changed?.Invoke();
        }
    }

    public event Action? Changed;

    public IReadOnlyList<AgentTool> Tools => [.. _connections.SelectMany(connection => connection.Tools)];

    public IReadOnlyList<MissingTool> Missing => [.. _connections.SelectMany(connection => connection.Missing)];

    public bool MayHave(string name) =>
        _connections.Any(connection => ToolPattern.Fits(McpToolNames.PrefixOf(connection.Name) + "*", name));

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(_connections.Select(connection => connection.RunAsync(stoppingToken)));
}
