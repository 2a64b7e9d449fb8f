// An MCP server over stdio in one page, made with the official SDK:
// something to try AgentStream's `AgentStream:Mcp` setting with, and what its tests talk to.
using AgentStream.Samples.McpServer;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

var options = new McpServerOptions
{
    ServerInfo = new Implementation { Name = "sample", Version = "1.0" },
    ToolCollection = [],
};
foreach (var tool in SampleTools.All(options.ToolCollection))
{
    options.ToolCollection.Add(tool);
}

await using var transport = new StdioServerTransport("sample");
await using var server = McpServer.Create(transport, options);
await server.RunAsync();
