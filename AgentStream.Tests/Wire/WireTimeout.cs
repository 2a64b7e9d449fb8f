namespace AgentStream.Tests.Wire;

internal static class WireTimeout
{
    /// <summary>Long enough for any machine; only ever waited for when a test fails.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(30);
}
