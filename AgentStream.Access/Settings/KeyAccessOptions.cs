namespace AgentStream.Access;

/// <summary>
/// Programs bring an API key (<c>Authorization: Bearer ask_…</c>), which the service's own command makes and revokes
/// (<c>keys add NAME</c>). Section <c>AgentStream:Access:Keys</c>.
/// </summary>
internal sealed class KeyAccessOptions
{
    public const string Section = AccessOptions.Section + ":Keys";

    /// <summary>Whether API keys are taken. Default false.</summary>
    public bool Enabled { get; set; }
}
