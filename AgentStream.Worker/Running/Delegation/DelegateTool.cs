using System.Text.Json;
using System.Text.Json.Nodes;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Running.Delegation;

/// <summary>
/// The tool <c>delegate</c>: hands a part of an agent's work to another agent.
/// The loop itself executes it, since what the other agent does is part of the run.
/// </summary>
internal static class DelegateTool
{
    public const string Name = "delegate";

    private const string AgentArgument = "agent";
    private const string TaskArgument = "task";

    /// <param name="delegates">Who may be asked; the model reads what each is good for.</param>
    public static AgentTool Create(IReadOnlyList<AgentDefinition> delegates) => new(new DelegateFunction(Schema(delegates)))
    {
        // Begun again after a loss it goes on inside the other agent's work, whose own calls keep their
        // results: the whole does nothing twice.
        IsIdempotent = true,
    };

    public static bool Is(AgentTool? tool) => tool?.Function is DelegateFunction;

    /// <summary>The request in the checked arguments.</summary>
    public static (string Agent, string Task) Read(AIFunctionArguments arguments)
        => (((JsonElement)arguments[AgentArgument]!).GetString()!, ((JsonElement)arguments[TaskArgument]!).GetString()!);

    private static JsonElement Schema(IReadOnlyList<AgentDefinition> delegates) => JsonSerializer.SerializeToElement<JsonNode>(
        new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                [AgentArgument] = new JsonObject
                {
                    ["type"] = "string",
                    ["enum"] = new JsonArray([.. delegates.Select(agent => JsonValue.Create(agent.Name))]),
                    ["description"] = "Who shall do it. "
                        + string.Join(" ", delegates.Select(agent => $"{agent.Name}: {agent.Description}")),
                },
                [TaskArgument] = new JsonObject
                {
                    ["type"] = "string",
                    ["description"] =
                        "What to do and what to answer, with everything that is needed for it: the other agent sees nothing of this "
                        + "conversation.",
                },
            },
            ["required"] = new JsonArray(AgentArgument, TaskArgument),
            ["additionalProperties"] = false,
        },
        AIJsonUtilities.DefaultOptions);

    private sealed class DelegateFunction(JsonElement schema) : AIFunction
    {
        public override string Name => DelegateTool.Name;

        public override string Description
            => "Hands a self-contained part of the work to another agent and returns its answer. Worth it where the other agent knows or "
                + "can do something better; do the rest yourself.";

        public override JsonElement JsonSchema { get; } = schema;

        protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
            => throw new InvalidOperationException("Only the loop can delegate: what the other agent does is part of its run.");
    }
}
