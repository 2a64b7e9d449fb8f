using System.Text.Json;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Protocol;

namespace AgentStream.Worker.Tools.Mcp;

/// <summary>A tool of an MCP server as a function that a model may call.</summary>
internal sealed class McpFunction(McpConnection connection, Tool tool, string name) : AIFunction
{
    // A description is part of every prompt: a long one costs tokens each time.
    private const int MaxDescription = 4000;

    public override string Name => name;

    public override string Description { get; } = CutText(tool.Description ?? tool.Title ?? tool.Name);

    public override JsonElement JsonSchema => tool.InputSchema;

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        var output = arguments.Context?.TryGetValue(typeof(ToolContext), out var value) == true && value is ToolContext context ? context.Output : new ToolOutput();
        var result = await connection.CallAsync(tool.Name, new Dictionary<string, object?>(arguments), new McpProgress(output), cancellationToken);
        var text = McpResultText.Of(result);
        return result.IsError == true ? throw new ToolException(text.Length > 0 ? text : "The tool says that it failed, and not why.") : text;
    }

    private static string CutText(string description) => Output.CutText.Of(description, MaxDescription);
}
