using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Tools.Mcp;

/// <summary>A tool of an MCP server as a function that a model may call.</summary>
internal sealed class McpFunction(McpConnection connection, ListedTool tool, string name) : AIFunction
{
    // A description is part of every prompt: a long one costs tokens each time.
    private const int MaxDescription = 4000;

    public override string Name => name;

    public override string Description { get; } = DescriptionOf(tool);

    public override JsonElement JsonSchema => tool.Schema.Shown;

    /// <summary>The schema as the server has it.</summary>
    public JsonElement OwnSchema => tool.InputSchema;

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        var output = arguments.Context?.TryGetValue(typeof(ToolContext), out var value) == true && value is ToolContext context
            ? context.Output : new ToolOutput();
        var result = await connection.CallAsync(tool.Name, arguments, new McpProgress(output).Report, cancellationToken);
        var text = McpResultText.Of(result);
        return McpResultText.IsError(result)
            ? throw new ToolException(text.Length > 0 ? text : "The tool says that it failed, and not why.") : text;
    }

    private static string DescriptionOf(ListedTool tool)
    {
        var description = Output.CutText.Of(tool.Description, MaxDescription);
        return tool.Schema.Note is { } note ? $"{description}\n{note}".Trim() : description;
    }
}
