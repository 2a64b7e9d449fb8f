using AgentStream.Tests.Support.Categories;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Simulator;

/// <summary>
/// Scenarios of the simulator, and that it can tell. In a process of its own: there the pool has one thread, which is what
/// makes a seed repeat. See docs/reliability.md for how to run more of them.
/// </summary>
[SystemTest]
public sealed class SimulatorTests
{
    [Fact]
    public async Task Scenarios_WithEveryKindOfFault_KeepEveryPromise()
        => await RunAsync(" scenarios, 0 failed,", "--seeds", "60");

    [Fact]
    public async Task Seeds_RunTwice_Repeat() => await RunAsync(" scenarios, 0 failed,", "--seeds", "4", "--from", "5001", "--repeat");

    private static async Task RunAsync(string verdict, params string[] arguments)
    {
        await using var program = ServiceProcess.StartProgram(
            "dotnet", verdict, [], [BuiltProgram.PathOf("AgentStream.Tests.Simulation"), .. arguments]);

        await program.WaitUntilReadyAsync();
        Assert.Equal(0, await program.WaitForExitAsync());
    }
}
