using AgentStream.Tests.Support;

namespace AgentStream.Tests.Browser;

/// <summary>As <see cref="ChromiumFactAttribute"/>, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ChromiumTheoryAttribute : TheoryAttribute
{
    public ChromiumTheoryAttribute() => Skip = Requirements.SkipWithout("chromium", ChromiumBrowser.Executable);
}
