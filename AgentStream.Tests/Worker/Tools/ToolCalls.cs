using AgentStream.Worker.Tools;

namespace AgentStream.Tests.Worker.Tools;

/// <summary>Calls a tool as the loop does: arguments as JSON text, result as text.</summary>
internal static class ToolCalls
{
    public static readonly ToolContext Context = new("session-1", "run-1", "call-1");

    public static Task<string> CallAsync(this AgentTool tool, string json) => tool.CallAsync(json, Context);

    public static async Task<string> CallAsync(this AgentTool tool, string json, ToolContext context)
    {
        Assert.True(tool.TryParseArguments(json, out var arguments, out var error), error);
        return await tool.InvokeAsync(arguments, context, CancellationToken.None);
    }
}
