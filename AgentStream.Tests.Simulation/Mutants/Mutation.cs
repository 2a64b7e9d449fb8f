using AgentStream.Tests.Simulation.Engine;
using AgentStream.Tests.Simulation.Store;

namespace AgentStream.Tests.Simulation.Mutants;

/// <summary>A bug put in on purpose, at a seam: nothing of it is in the product.</summary>
/// <param name="Name">What is wrong.</param>
internal sealed record Mutation(string Name)
{
    public static Mutation None { get; } = new("none");

    /// <summary>What the other processes have of the store.</summary>
    public Func<StoreDecorator, SimWorld, StoreDecorator> Store { get; init; } = (store, _) => store;

    /// <summary>What the server hears of a client's cursor.</summary>
    public Func<string, string> Query { get; init; } = query => query;

    /// <summary>What becomes of what is written to the disk where no fault of the scenario says otherwise.</summary>
    public Func<SimWorld, DiskFate> Disk { get; init; } = _ => DiskFate.Written;
}
