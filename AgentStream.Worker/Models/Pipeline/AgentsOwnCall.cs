using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Pipeline;

/// <summary>A call that an agent makes itself, for people to see: nobody here is to make it.</summary>
/// <param name="id">By which its result knows it.</param>
/// <param name="name">The tool.</param>
/// <param name="arguments">JSON.</param>
internal sealed class AgentsOwnCall(string id, string name, string arguments) : AIContent
{
    public string Id { get; } = id;

    public string Name { get; } = name;

    public string Arguments { get; } = arguments;
}

/// <summary>What came of it.</summary>
/// <param name="id">Of the call.</param>
/// <param name="text">What the agent reads.</param>
/// <param name="isError">It failed.</param>
internal sealed class AgentsOwnResult(string id, string text, bool isError) : AIContent
{
    public string Id { get; } = id;

    public string Text { get; } = text;

    public bool IsError { get; } = isError;
}
