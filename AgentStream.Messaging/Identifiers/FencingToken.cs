namespace AgentStream.Messaging;

/// <summary>
/// Grows with each claim of a run.
/// The store refuses every write whose token is not the newest, so that a paused worker can't write after it has been replaced.
/// </summary>
/// <param name="Value">Counts the claims of the session, from 1.</param>
internal readonly record struct FencingToken(long Value);
