namespace AgentStream.Api.Wires;

/// <summary>Switches of the wires of others (docs/wires.md). Section <c>AgentStream:Api:Wires</c>; checked at start.</summary>
public sealed class WiresOptions
{
    public const string Section = ApiOptions.Section + ":Wires";

    /// <summary>Whether clients of AG-UI are served under <c>/ag-ui</c>. Default true.</summary>
    public bool AgUi { get; set; } = true;

    /// <summary>
    /// Whether clients of the Vercel AI SDK's UI message stream are served under <c>/api/chat</c> and <c>/ws/ui-messages</c>. Default true.
    /// </summary>
    public bool UiMessageStream { get; set; } = true;

    /// <summary>Whether clients of OpenAI's chat completions and responses are served under <c>/v1</c>. Default true.</summary>
    public bool OpenAI { get; set; } = true;

    /// <summary>Whether clients of LangGraph's API are served under <c>/threads</c>. Default true.</summary>
    public bool LangGraph { get; set; } = true;

    /// <summary>
    /// Whether OpenAI's chat completions show text as it comes, although that wire can't take it back: what turns out to be a thought stays
    /// a part of the answer, and where a text is lost the stream ends with an error. Default false: it comes when it is certain.
    /// </summary>
    public bool OpenAILiveText { get; set; }

    /// <summary>Whether clients of MCP are served under <c>/mcp</c>, where each agent is a tool. Default true.</summary>
    public bool Mcp { get; set; } = true;

    /// <summary>Whether clients of A2A are served under <c>/a2a</c>, with the cards that lead there. Default true.</summary>
    public bool A2A { get; set; } = true;
}
