using AgentStream.Tests.Worker.Models;
using AgentStream.Tests.Worker.Running;
using AgentStream.Tests.Worker.Tools.Mcp;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Models;
using AgentStream.Worker.Models.Resilience;
using AgentStream.Worker.Models.Wire.Refusals;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentStream.Tests.Worker.Agents;

/// <summary>What people are told of tools that an agent names and can't call.</summary>
public sealed class AgentDescriptionsTests
{
    [Fact]
    public async Task Agent_WithToolsThatCannotBeCalled_SaysWhichAndWhy()
    {
        await using var server = new FakeMcpServer
        {
            Tools = ["""{"name":"good","inputSchema":{"type":"object"}}""", """{"name":"bad","inputSchema":{"type":"object"}}""",
                """{"name":"task","execution":{"taskSupport":"required"}}"""],
        };
        await using var home =
            new McpHome(("fake", await server.StartAsync("http")), ("away", new() { Command = "/nowhere/no-such-program" }));
        await home.StartAsync();
        await home.ToolAsync("fake_good");
        var registry = new ToolRegistry([], [home.Tools], [new AbsentTool("fetch_url", "AgentStream:FetchUrl:Enabled")]);
        var client = new RefusedToolChatClient(new Refusing("fake_bad"), "planned", NullLogger.Instance);
        using var models =
            TestCatalog.Of([new ModelProvider("planned", "planned", "planned", takesOtherModels: false, _ => client)], "planned");
        var raised = 0;
        models.ToolRefused += () => raised++;
        var agents = new AgentSet([new AgentDefinition { Name = "tester", Tools = registry.Select(["fake_*", "away_read", "fetch_url"]) }]);

        await models.Resolve(null).Client.GetResponseAsync("question",
            new ChatOptions { Tools = [.. registry.All.Select(tool => tool.Function)] });
        var agent = Assert.Single(AgentDescriptions.Of(agents, models));

        Assert.Equal(["fake_good"], agent.Tools.Select(tool => tool.Name));
        Assert.Equal(["fake_task", "away_read", "fetch_url", "fake_bad"], agent.MissingTools!.Select(tool => tool.Name));
        Assert.Contains("as a task only", ReasonOf("fake_task"), StringComparison.Ordinal);
        Assert.Contains("'away' is not connected", ReasonOf("away_read"), StringComparison.Ordinal);
        Assert.Contains("AgentStream:FetchUrl:Enabled", ReasonOf("fetch_url"), StringComparison.Ordinal);
        Assert.Contains("model 'planned' refuses it", ReasonOf("fake_bad"), StringComparison.Ordinal);
        Assert.Equal(1, raised);

        string ReasonOf(string name) => agent.MissingTools!.Single(tool => tool.Name == name).Reason;
    }

    [Fact]
    public void Agent_WithAllItsTools_SaysNothingOfMissingOnes()
    {
        using var models = TestCatalog.Of(new PlannedChatClient());

        var agent = Assert.Single(AgentDescriptions.Of(new AgentSet([new AgentDefinition { Name = "tester", Tools = new ToolRegistry([])
            .Select(["*"]) }]), models));

        Assert.Null(agent.MissingTools);
    }

    [Fact]
    public void Agent_IsToldWithTheModelsThatAreOffered_TheDefaultOneFirst()
    {
        using var models = TestCatalog.Of(
            [
                new ModelProvider("near", "near", "small", takesOtherModels: true, _ => new PlannedChatClient())
                {
                    Offered = ["small", "tiny"],
                },
                new ModelProvider("far", "far", "large", takesOtherModels: true, _ => new PlannedChatClient()),
                new ModelProvider("implied", "implied", "any", takesOtherModels: true, _ => new PlannedChatClient()) { Offered = [] },
            ],
            "far/huge");

        var agent = Assert.Single(AgentDescriptions.Of(new AgentSet([new AgentDefinition { Name = "tester" }]), models));

        Assert.Equal(["huge", "near/small", "near/tiny", "large"], agent.Models!);
        Assert.All(agent.Models!, model => Assert.Equal(model, models.Resolve(model).DisplayName));
    }

    /// <summary>Refuses one tool by name.</summary>
    private sealed class Refusing(string tool) : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            options?.Tools?.Any(one => one.Name == tool) == true
                ? throw new ModelException(ModelErrorCode.Refused, "No.")
                {
                    Refusal = new Refusal(RefusalKind.Unknown) { Tools = new ToolMention([], [tool]) },
                }
                : Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "fine")));

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
            // Nothing to let go of.
        }
    }
}
