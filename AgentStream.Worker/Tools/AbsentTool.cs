namespace AgentStream.Worker.Tools;

/// <summary>A built-in tool that is not there because it is not configured. An agent may name it all the same and does without.</summary>
/// <param name="Name">The tool.</param>
/// <param name="Remedy">The setting that brings it, for the log.</param>
public sealed record AbsentTool(string Name, string Remedy);
