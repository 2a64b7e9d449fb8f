using AgentStream.Tests.Worker.CodeFirst;
using AgentStream.Tests.Worker.Running;
using AgentStream.Worker.AgentFramework;
using AgentStream.Worker.Tools.Arguments;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Hosting;

namespace AgentStream.Tests.Worker.AgentFramework;

/// <summary>A worker with one agent of the framework, and the loop that runs it.</summary>
internal sealed class FrameworkHost(AIAgent agent, Action<AIAgentOptions>? configure = null) : IAsyncDisposable
{
    private readonly CodeFirstHost _host = new(worker => worker.AddAgent("tester", agent, options =>
    {
        options.Description = "Is tested.";
        configure?.Invoke(options);
    }));

    public CodeFirstHost Worker => _host;

    /// <summary>A run of it, which a test may lose after any output.</summary>
    public LoopHarness Harness() => new(_host.Agent("tester").Own!.Model.Client) { Agents = _host.Agents };

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>A reply with a call; a new one each time, since the framework marks those that it has made.</summary>
    public static object[] Calling(string tool, string arguments) =>
        ["Let me see.", (Func<AIContent>)(() => ToolCallText.CreateCall("c1", tool, arguments)), ChatFinishReason.ToolCalls];
}
