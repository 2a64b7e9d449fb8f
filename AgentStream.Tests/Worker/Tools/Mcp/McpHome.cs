using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;
using AgentStream.Worker.Tools;
using AgentStream.Worker.Tools.Mcp;
using AgentStream.Worker.Tools.Mcp.SignIn;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Worker.Tools.Mcp;

/// <summary>The worker's side of MCP, with the servers of a test.</summary>
internal sealed class McpHome : IAsyncDisposable
{
    private readonly LoggerFactory _loggers;

    public McpHome(params (string Name, McpServerOptions Options)[] servers)
        : this(TimeProvider.System, servers)
    {
    }

    public McpHome(TimeProvider time, params (string Name, McpServerOptions Options)[] servers)
        : this(time, null, servers)
    {
    }

    public McpHome(McpSignIns signIns, params (string Name, McpServerOptions Options)[] servers)
        : this(TimeProvider.System, signIns, servers)
    {
    }

    private McpHome(TimeProvider time, McpSignIns? signIns, (string Name, McpServerOptions Options)[] servers)
    {
        var options = new McpOptions();
        foreach (var (name, server) in servers)
        {
            options.Servers[name] = server;
        }

        _loggers = new LoggerFactory([Logs]);
        Tools = new McpTools(Options.Create(options), time, _loggers, signIns);
        Registry = new ToolRegistry([], [Tools]);
    }

    public CollectedLogs Logs { get; } = new();

    public McpTools Tools { get; }

    public ToolRegistry Registry { get; }

    /// <summary>The sample server in a process of its own.</summary>
    public static McpServerOptions Sample()
    {
        var server = new McpServerOptions { Command = "dotnet" };
        server.Arguments.Add(BuiltProgram.PathOf("samples/AgentStream.Samples.McpServer"));
        return server;
    }

    public Task StartAsync() => Tools.StartAsync(CancellationToken.None);

    /// <summary>Waits until the tools are as they should be.</summary>
    public async Task WaitAsync(Func<ToolRegistry, bool> fits)
    {
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (fits(Registry))
            {
                changed.TrySetResult();
            }
        }

        Registry.Changed += Look;
        Look();
        try
        {
            await changed.Task.WaitAsync(TestTimeouts.Default);
        }
        catch (TimeoutException)
        {
            var names = string.Join(", ", Registry.All.Select(tool => tool.Name));
            Assert.Fail($"Still only: {names}.\n{string.Join('\n', Logs.At(LogLevel.Warning))}");
        }

        Registry.Changed -= Look;
    }

    public async Task<AgentTool> ToolAsync(string name)
    {
        await WaitAsync(registry => registry.TryGet(name, out _));
        Assert.True(Registry.TryGet(name, out var tool));
        return tool;
    }

    public async ValueTask DisposeAsync()
    {
        await Tools.StopAsync(CancellationToken.None);
        Tools.Dispose();
        _loggers.Dispose();
    }
}
