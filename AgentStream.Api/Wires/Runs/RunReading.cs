using AgentStream.Messaging;

namespace AgentStream.Api.Wires.Runs;

/// <summary>What a response follows.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="From">Where it goes on.</param>
/// <param name="Fold">The run, with what is known of it up to there.</param>
/// <param name="Translation">What is made of it.</param>
internal sealed record RunReading(SessionId SessionId, Cursor From, RunFold Fold, IRunTranslation Translation);
