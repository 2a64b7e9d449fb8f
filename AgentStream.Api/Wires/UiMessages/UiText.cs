using System.Text;
using AgentStream.Messaging;

namespace AgentStream.Api.Wires.UiMessages;

/// <summary>A text of the message, with what it is: <c>text</c> or <c>reasoning</c>.</summary>
internal sealed record UiText(string Kind)
{
    public StringBuilder Content { get; } = new();
}

/// <summary>What was said in a step: a text, or a chunk.</summary>
/// <param name="Step">The step of the log that it is of; <c>null</c>: a question.</param>
/// <param name="Text">The text.</param>
/// <param name="Chunk">The chunk.</param>
internal sealed record UiSaid(StepId? Step, UiText? Text, UiChunk? Chunk);
