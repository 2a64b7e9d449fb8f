using System.Text.Json;

namespace AgentStream.Messaging.Protocol;

/// <summary>A tool that comes with a message, and that its sender executes: the run asks for the result, and waits for it.</summary>
internal sealed record ClientTool
{
    /// <summary>1 to 64 of A-Z a-z 0-9 _ -, each once in a message.</summary>
    public string? Name { get; init; }

    /// <summary>What the model reads of it; <c>null</c>: nothing.</summary>
    public string? Description { get; init; }

    /// <summary>JSON schema of its arguments, an object; <c>null</c>: it takes none.</summary>
    public JsonElement? Parameters { get; init; }
}
