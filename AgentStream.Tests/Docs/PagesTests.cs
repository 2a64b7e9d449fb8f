using System.Text.RegularExpressions;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Docs;

/// <summary>What the pages name is there.</summary>
public sealed partial class PagesTests
{
    private static readonly string[] Parts = ["Context", "Decision", "Alternatives", "Measured", "Downside"];
    private static readonly string[] Needed = ["Context", "Decision", "Downside"];

    [Fact]
    public void Pages_PathsThatTheyName_Exist()
    {
        var missing = from page in Page.All
                      from path in page.Paths.Distinct()
                      where !Exists(path.TrimEnd('/'))
                      select $"{page.Location}: {path}";

        Assert.Equal("", string.Join('\n', missing));
    }

    [Fact]
    public void Pages_LinksInTheRepository_LeadSomewhere()
    {
        var broken = from page in Page.All
                     from link in page.Links.Distinct()
                     where !LeadsSomewhere(link.Path, link.Anchor)
                     select $"{page.Location}: {link.Path}#{link.Anchor}";

        Assert.Equal("", string.Join('\n', broken));
    }

    [Fact]
    public void Decisions_Each_FollowTheTemplateAndAreInTheIndex()
    {
        var index = Page.All.Single(page => page.Location == "docs/decisions/README.md");
        var decisions = Page.All.Where(page => Decision().IsMatch(page.Location)).ToList();

        Assert.NotEmpty(decisions);
        Assert.All(decisions, decision =>
        {
            Assert.StartsWith($"# {Path.GetFileName(decision.Location)[..4]}: ", decision.Text, StringComparison.Ordinal);
            var parts = Part().Matches(decision.Text).Select(match => match.Groups[1].Value).ToList();
            Assert.Equal(Parts.Where(parts.Contains), parts);
            Assert.Empty(Needed.Except(parts));
        });
        Assert.Equal(
            decisions.Select(decision => decision.Location).Order(StringComparer.Ordinal),
            index.Links.Select(link => link.Path).Where(path => Decision().IsMatch(path)).Order(StringComparer.Ordinal));
    }

    // A name alone, or the end of a path, stands for the file that has it.
    private static bool Exists(string path)
        => File.Exists(Path.Combine(Repository.Root, path)) || Directory.Exists(Path.Combine(Repository.Root, path))
            || Page.Files.Any(file => file == path || file.EndsWith($"/{path}", StringComparison.Ordinal));

    private static bool LeadsSomewhere(string path, string? anchor)
    {
        if (!File.Exists(Path.Combine(Repository.Root, path)))
        {
            return anchor is null && Directory.Exists(Path.Combine(Repository.Root, path));
        }

        return anchor is null
            || !path.EndsWith(".md", StringComparison.Ordinal)
            || Page.All.Single(page => page.Location == path).Anchors.Contains(anchor);
    }

    [GeneratedRegex(@"^docs/decisions/\d{4}-[a-z0-9-]+\.md$")]
    private static partial Regex Decision();

    [GeneratedRegex("^## (.+)$", RegexOptions.Multiline)]
    private static partial Regex Part();
}
