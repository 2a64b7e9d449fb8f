namespace AgentStream.Worker.Models.Scripted;

/// <param name="Input">Tokens of the prompt.</param>
/// <param name="Output">Tokens of the reply.</param>
/// <param name="Reasoning">Those of them that were thought.</param>
internal sealed record ScriptUsage(long Input, long Output, long? Reasoning = null);
