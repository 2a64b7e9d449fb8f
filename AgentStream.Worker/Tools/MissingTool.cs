namespace AgentStream.Worker.Tools;

/// <summary>A tool that agents may name and that can't be called now.</summary>
/// <param name="Name">Its name, or a pattern where the server that has it can't be asked for names.</param>
/// <param name="Reason">Why, in a sentence for people.</param>
public sealed record MissingTool(string Name, string Reason);
