namespace AgentStream.Tests.Support;

/// <summary>How long a test waits for what must happen, in one place. Never a pause: tests wait for events.</summary>
internal static class TestTimeouts
{
    /// <summary>Far longer than anything takes on a busy machine.</summary>
    public static TimeSpan Default { get; } = TimeSpan.FromSeconds(60);
}
