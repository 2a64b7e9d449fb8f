using System.Reflection;
using System.Text.RegularExpressions;
using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Docs;

/// <summary>The tables of docs/protocol.md list exactly the words that the code has.</summary>
public sealed partial class ProtocolPageTests
{
    [Theory]
    [InlineData("Events: what is in the log", typeof(EventTypes))]
    [InlineData("Notices: what is not in the log", typeof(NoticeTypes))]
    [InlineData("Error codes", typeof(ErrorCodes))]
    public void Table_OfASection_ListsEachWordOnce(string section, Type words)
    {
        var documented = FirstColumn()
            .Matches(Section(section))
            .SelectMany(row => Word().Matches(row.Value))
            .Select(match => match.Groups[1].Value);

        Assert.Equal(
            words.GetFields(BindingFlags.Public | BindingFlags.Static)
                .Select(field => (string)field.GetRawConstantValue()!)
                .Order(StringComparer.Ordinal),
            documented.Order(StringComparer.Ordinal));
    }

    private static string Section(string heading)
    {
        var page = Repository.Read("docs/protocol.md");
        var start = page.IndexOf($"\n## {heading}\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"There is no section '{heading}'.");
        var end = page.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        return end < 0 ? page[start..] : page[start..end];
    }

    [GeneratedRegex(@"^\| `[^|]*\|", RegexOptions.Multiline)]
    private static partial Regex FirstColumn();

    [GeneratedRegex("`([a-z_]+)`")]
    private static partial Regex Word();
}
