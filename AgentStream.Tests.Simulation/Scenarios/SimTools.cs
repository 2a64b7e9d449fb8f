using System.Text.Json;
using AgentStream.Tests.Simulation.Engine;
using AgentStream.Tests.Simulation.Judging;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Simulation.Scenarios;

/// <summary>The tools of the simulated agent. What they do, they do to the world outside, where it is counted.</summary>
internal static class SimTools
{
    public const string Peek = "peek";
    public const string Wipe = "wipe";

    /// <summary>Those that must not be executed twice.</summary>
    private static readonly string[] Harmful = ["charge", "slow", Wipe];

    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(8);

    /// <summary>What plans choose from.</summary>
    public static IReadOnlyList<string> Names { get; } = ["charge", "charge", "charge", "lookup", "lookup", Peek, Wipe, "flaky", "slow"];

    public static bool IsHarmful(string tool) => Harmful.Contains(tool);

    public static IReadOnlyList<AgentTool> Of(SimProcess process, Judge judge) =>
    [
        new(new SimTool("charge", process, judge)),
        new(new SimTool("lookup", process, judge)) { IsIdempotent = true },
        new(new SimTool(Peek, process, judge)) { IsIdempotent = true, IsConcurrencySafe = true },
        new(new SimTool(Wipe, process, judge)) { RequiresApproval = true },
        new(new SimTool("flaky", process, judge)) { IsIdempotent = true },
        new(new SimTool("slow", process, judge)) { Timeout = Timeout },
    ];

    private sealed class SimTool(string name, SimProcess process, Judge judge) : AIFunction
    {
        private static readonly JsonElement Schema = JsonDocument.Parse(
            """{"type":"object","properties":{"item":{"type":"string"}},"required":["item"]}""").RootElement;

        public override string Name => name;

        public override string Description => "Is simulated.";

        public override JsonElement JsonSchema => Schema;

        protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
        {
            var context = (ToolContext)arguments.Context![typeof(ToolContext)]!;
            var item = arguments["item"]!.ToString()!;
            var draws = process.World.Draws;

            // The question is on its way to where the tool does its work.
            await Task.Delay(draws.Time($"tool/{item}", 1, 400), process.Clock, cancellationToken);
            judge.Executed(name, item, context);
            if (draws.Hit($"talks/{item}", 0.3))
            {
                context.Output.Write($"half of {item}; ");
            }

            await Task.Delay(
                name == "slow" ? Timeout * 2 : draws.Time($"tool/{item}", 1, 900), process.Clock, cancellationToken);
            return name == "flaky" ? throw new ToolException($"{item} did not work") : $"{name} did {item}";
        }
    }
}
