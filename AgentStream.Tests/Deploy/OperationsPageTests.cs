using System.Text.RegularExpressions;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Deploy;

/// <summary>docs/operations.md lists every setting with its default.</summary>
public sealed partial class OperationsPageTests
{
    [Fact]
    public void SettingsTable_Rows_AreTheOptionClasses()
    {
        var documented = Row().Matches(Repository.Read("docs/operations.md"))
            .ToDictionary(match => match.Groups["name"].Value, match => match.Groups["default"].Value, StringComparer.Ordinal);

        Assert.Empty(SettingsCatalog.All.Keys.Except(documented.Keys));
        Assert.Empty(
            documented.Keys.Where(
                name => name.Contains(':', StringComparison.Ordinal) && SettingsCatalog.Sections.Contains(SettingsCatalog.SectionOf(name)))
                    .Except(SettingsCatalog.All.Keys)
                    .Except(OfTheAppHost));
        Assert.All(
            SettingsCatalog.All.Where(setting => setting.Value.Length > 0),
            setting => Assert.Equal(setting.Value, documented[setting.Key]));
    }

    private static readonly string[] OfTheAppHost = ["AgentStream:Topology", "AgentStream:PublishTo"];

    // | `AgentStream:Api:MaxBehind` | `10000` | what it does |
    [GeneratedRegex(@"^\| `(?<name>[^`]+)` \| (?:`(?<default>[^`]*)` )?\|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
