using AgentStream.Api.Wires.OpenAI;

namespace AgentStream.Api.Wires;

/// <summary>The wires of others that this API speaks: the one place that knows them.</summary>
internal static class AllWires
{
    public static IReadOnlyList<IWire> List { get; } =
    [
        new AgUi.AgUiWire(),
        new UiMessages.UiMessageWire(),
        new OpenAIWire(),
        new Mcp.McpWire(),
        new A2A.A2AWire(),
        new LangGraph.LangGraphWire(),
    ];
}
