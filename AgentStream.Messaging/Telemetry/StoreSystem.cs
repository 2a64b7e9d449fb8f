namespace AgentStream.Messaging.Telemetry;

/// <summary>The name of the home of log and queue.</summary>
/// <param name="Name">In telemetry (<c>messaging.system</c>): <c>redis</c>, or <c>agentstream</c> for the embedded one.</param>
/// <param name="Place">For people: where it is, without any password.</param>
internal sealed record StoreSystem(string Name, string Place)
{
    /// <summary>The server (<c>server.address</c>); <c>null</c> where there is none, or more than one.</summary>
    public string? Address { get; init; }

    /// <summary>Its port (<c>server.port</c>).</summary>
    public int? Port { get; init; }
}
