using System.Collections.Concurrent;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Worker.Running;

/// <summary>Tools that count how often they were executed.</summary>
internal sealed class TestTools
{
    public ConcurrentQueue<string> Executed { get; } = [];

    public AgentTool Save(Func<CancellationToken, Task>? during = null) => new(Function("save", "Saves a text.", during));

    public AgentTool Look(bool concurrencySafe = false, Func<CancellationToken, Task>? during = null, string name = "look")
        => new(Function(name, "Looks something up.", during)) { IsIdempotent = true, IsConcurrencySafe = concurrencySafe };

    public static AgentTool Throwing(Exception exception) => new(AIFunctionFactory.Create(
        string () => throw exception, "broken", "Always fails."))
    { IsIdempotent = true };

    private AIFunction Function(string name, string description, Func<CancellationToken, Task>? during) => AIFunctionFactory.Create(
        async (string text, CancellationToken cancellationToken) =>
        {
            Executed.Enqueue($"{name}:{text}");
            if (during is not null)
            {
                await during(cancellationToken);
            }

            return $"{name} did {text}";
        },
        name,
        description);
}
