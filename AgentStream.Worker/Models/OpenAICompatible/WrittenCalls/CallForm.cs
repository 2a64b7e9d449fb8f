namespace AgentStream.Worker.Models.OpenAICompatible.WrittenCalls;

/// <summary>The way in which a family of models writes a tool call where its server leaves it in the text.</summary>
/// <param name="Opening">What the call begins with.</param>
/// <param name="Closing">What it ends with; null: the end of the reply. A model may leave it out at the end of the reply.</param>
internal sealed record CallForm(string Opening, string? Closing)
{
    public static readonly IReadOnlyList<CallForm> Known =
    [
        // Hermes, Qwen: <tool_call>{"name":"look","arguments":{"x":1}}</tool_call>
        // GLM: <tool_call>look\n<arg_key>x</arg_key>\n<arg_value>1</arg_value></tool_call>
        // Qwen3-Coder: <tool_call>\n<function=look>\n<parameter=x>\n1\n</parameter>\n</function>\n</tool_call>
        new("<tool_call>", "</tool_call>"),
        // Llama 3.1: <function=look>{"x":1}</function>
        new("<function=", "</function>"),
        // Llama 3: <|python_tag|>{"name":"look","parameters":{"x":1}}
        new("<|python_tag|>", null),
        // Mistral: [TOOL_CALLS][{"name":"look","arguments":{"x":1}}], newer [TOOL_CALLS]look[ARGS]{"x":1}
        new("[TOOL_CALLS]", null),
        // Phi-4-mini: <|tool_call|>[{"name":"look","arguments":{"x":1}}]<|/tool_call|>; Granite leaves the end out.
        new("<|tool_call|>", "<|/tool_call|>"),
        // Nemotron: <TOOLCALL>[{"name":"look","arguments":{"x":1}}]</TOOLCALL>
        new("<TOOLCALL>", "</TOOLCALL>"),
        // Kimi K2: ...<|tool_call_begin|>functions.look:0<|tool_call_argument_begin|>{"x":1}<|tool_call_end|>...
        new("<|tool_calls_section_begin|>", "<|tool_calls_section_end|>"),
        // DeepSeek: ...<｜tool▁call▁begin｜>function<｜tool▁sep｜>look\n```json\n{"x":1}\n```<｜tool▁call▁end｜>...
        new("<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>"),
        // MiniMax: <minimax:tool_call><invoke name="look"><parameter name="x">1</parameter></invoke></minimax:tool_call>
        new("<minimax:tool_call>", "</minimax:tool_call>"),
    ];

    /// <summary>The longest opening: so much of a text may be the beginning of one.</summary>
    public static readonly int LongestOpening = Known.Max(form => form.Opening.Length);

    /// <summary>A reply that is nothing but a call, as Llama 3 writes it: <c>{"name":"look","parameters":{"x":1}}</c>.</summary>
    public static readonly CallForm Bare = new("", null);
}
