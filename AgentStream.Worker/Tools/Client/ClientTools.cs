using System.Text.Json;
using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Tools.Schemas;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Tools.Client;

/// <summary>Tools that whoever sent the message executes: here they are only named, and a run waits for their results.</summary>
internal static class ClientTools
{
    private static readonly JsonElement NoParameters = JsonElement.Parse("""{"type":"object","properties":{}}""");

    /// <summary>The agent with the caller's tools beside its own: none of those takes the place of one of these.</summary>
    public static AgentDefinition Give(AgentDefinition agent, IReadOnlyList<ClientTool>? tools)
    {
        if (tools is not { Count: > 0 })
        {
            return agent;
        }

        var own = agent.Tools.Select(tool => tool.Name).ToHashSet(StringComparer.Ordinal);
        return agent with { Tools = [.. agent.Tools, .. tools.Where(tool => !own.Contains(tool.Name!)).Select(Create)] };
    }

    public static AgentTool Create(ClientTool tool)
    {
        var schema = ToolSchema.Of(tool.Parameters ?? NoParameters);

        // A result that was given stands in the log: who takes over reads it once more, and in whatever order.
        return new AgentTool(new ClientFunction(tool, schema), schema)
        {
            IsClientTool = true,
            IsIdempotent = true,
            IsConcurrencySafe = true,
            Type = "client",
        };
    }

    private sealed class ClientFunction(ClientTool tool, ToolSchema schema) : AIFunction
    {
        public override string Name => tool.Name!;

        public override string Description { get; } = $"{tool.Description}\n{schema.Note}".Trim();

        public override JsonElement JsonSchema => schema.Shown;

        protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
            => throw new InvalidOperationException("Whoever brought this tool executes it.");
    }
}
