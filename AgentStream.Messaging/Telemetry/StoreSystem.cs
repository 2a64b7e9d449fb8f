namespace AgentStream.Messaging.Telemetry;

/// <summary>What the home of log and queue is called.</summary>
/// <param name="Name">In telemetry (<c>messaging.system</c>): <c>redis</c>, or <c>agentstream</c> for the embedded one.</param>
/// <param name="Place">For people: where it is, without any password.</param>
public sealed record StoreSystem(string Name, string Place);
