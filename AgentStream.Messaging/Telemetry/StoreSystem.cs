namespace AgentStream.Messaging.Telemetry;

/// <summary>What the home of log and queue is called in telemetry (<c>messaging.system</c>): <c>redis</c>, or <c>agentstream</c> for the embedded one.</summary>
/// <param name="Name">The name.</param>
public sealed record StoreSystem(string Name);
