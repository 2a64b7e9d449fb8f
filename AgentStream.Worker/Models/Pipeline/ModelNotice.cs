using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Pipeline;

/// <summary>
/// Something that people have to know about a reply and that the model did not say;
/// it stands before the reply's first content, and is no part of it.
/// </summary>
/// <param name="text">A sentence or two, for people.</param>
internal sealed class ModelNotice(string text) : AIContent
{
    public string Text { get; } = text;
}
