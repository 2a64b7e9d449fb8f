using System.Text.RegularExpressions;
using AgentStream.ServiceDefaults.Settings;
using AgentStream.Tests.Deploy;
using AgentStream.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace AgentStream.Tests.ServiceDefaults;

/// <summary>A misspelled setting is told at the start.</summary>
public sealed partial class SettingNamesTests
{
    [Fact]
    public void Names_OfAllOptionClasses_AreKnown()
        => Assert.All(
            SettingsCatalog.All.Keys, name => Assert.True(SettingNames.Has(name.Replace("*", "mine", StringComparison.Ordinal)), name));

    [Fact]
    public void Names_ThatAreKnown_AreThoseOfTheTable()
        => Assert.Equal(
            Row().Matches(Repository.Read("docs/operations.md")).Select(match => match.Groups["name"].Value).Order(StringComparer.Ordinal),
            Repository.Read("AgentStream.ServiceDefaults/Settings/settings.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries));

    [Theory]
    [InlineData("AgentStream:Api:MaxBehind")]
    [InlineData("agentstream:api:maxbehind")]
    [InlineData("AgentStream:Api:AllowedOrigins:0")]
    [InlineData("AgentStream:Agents:mine:Limits:MaxTokens")]
    [InlineData("AgentStream:Mcp:files:Environment:TOKEN")]
    [InlineData("AgentStream:ContextTokens:ollama/qwen3:8b")]
    [InlineData("AgentStream:Prices:ollama/qwen3:8b:Input")]
    [InlineData("AgentStream:Access:Code:Code_FILE")]
    [InlineData("AgentStream:Topology")]
    public void Setting_ThatSomeServiceReads_IsTaken(string name) => Assert.Empty(FailuresOf(name));

    [Theory]
    [InlineData("AgentStream:Api:MaxBehnd", "AgentStream:Api:MaxBehind")]
    [InlineData("AgentStream:Apis:MaxBehind", "AgentStream:Api:MaxBehind")]
    [InlineData("AgentStream:Api:max_behind", "AgentStream:Api:MaxBehind")]
    [InlineData("AgentStream:Agents:mine:Limit:MaxTokens", "AgentStream:Agents:mine:Limits:MaxTokens")]
    [InlineData("AgentStream:Models:mine:ApiKeys", "AgentStream:Models:mine:ApiKey")]
    [InlineData("AgentStream:DefaultModell", "AgentStream:DefaultModel")]
    public void Setting_Misspelled_IsNamedWithTheNearest(string name, string nearest)
        => Assert.Equal(
            [$"{name} is no setting. The nearest one is {nearest}: correct the name, or leave the setting out."], FailuresOf(name));

    [Fact]
    public void Setting_LikeNoOther_IsNamedAlone()
        => Assert.Equal(
            [
                "AgentStream:Weather:City:Berlin is no setting; docs/operations.md lists them all. "
                    + "Correct the name, or leave the setting out.",
            ], FailuresOf("AgentStream:Weather:City:Berlin"));

    [Fact]
    public void Settings_OfOthers_AreNotLookedAt() => Assert.Empty(FailuresOf("Logging:LogLevl:Default"));

    private static IEnumerable<string> FailuresOf(string name)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(name, "1")]).Build();
        return new SettingNamesValidator(configuration).Validate(null, new SettingNames()).Failures ?? [];
    }

    // | `AgentStream:Api:MaxBehind` | `10000` | what it does |
    [GeneratedRegex(@"^\| `(?<name>AgentStream:[^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
