using AgentStream.Tests.Support.Categories;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Samples;

/// <summary>The loop in a console program, as people run it: no server, no store, no key.</summary>
[SystemTest]
public sealed class LoopProcessTests
{
    [Fact]
    public async Task Run_WithoutAKey_StreamsTheThoughtsOfTheDemoModel()
    {
        await using var program = ServiceProcess.StartProgram(
            "dotnet", "Completed after", [], BuiltProgram.PathOf("samples/AgentStream.Samples.Loop"), "What is 17.5% of 2,340?");

        await program.WaitUntilReadyAsync();
        Assert.Equal(0, await program.WaitForExitAsync());
        Assert.Contains("Thought: ", program.Output, StringComparison.Ordinal);
        Assert.Contains("ToolUse: calculator(", program.Output, StringComparison.Ordinal);
        Assert.Contains("ToolResult: 409.5", program.Output, StringComparison.Ordinal);
        Assert.Contains("Answer: ", program.Output, StringComparison.Ordinal);
    }
}
