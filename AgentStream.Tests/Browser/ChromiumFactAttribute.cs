using AgentStream.Tests.Support;

namespace AgentStream.Tests.Browser;

/// <summary>A test in a real browser: skipped, with its reason, where there is no chromium.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute() => Skip = Requirements.SkipWithout("chromium", ChromiumBrowser.Executable);
}
