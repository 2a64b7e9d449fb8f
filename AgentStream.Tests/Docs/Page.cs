using System.Text.RegularExpressions;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Docs;

/// <summary>A page of the documentation, by its path from the root of the repository.</summary>
internal sealed partial class Page(string location)
{
    // Folders that the repository has, as the first part of a path.
    // What else stands before a slash belongs to readers: routes, images, their own files.
    private static readonly HashSet<string> OwnFolders =
        [.. Directory.GetDirectories(Repository.Root).Select(folder => Path.GetFileName(folder)!)];

    // What builds, tests and operators make.
    private static readonly string[] OfOthers = ["artifacts/", "data/", "deploy/agentstream.env", "deploy/agents", "deploy/documents"];

    private static readonly string[] NotOurs = ["bin", "obj", "node_modules", ".git", "artifacts", "TestResults", "data"];

    public string Location => location;

    public string Text { get; } = Repository.Read(location);

    /// <summary>Every page: those at the root and those under <c>docs</c>.</summary>
    public static IReadOnlyList<Page> All { get; } =
    [
        .. Directory.GetFiles(Repository.Root, "*.md")
            .Concat(Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories))
            .Select(file => new Page(Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))),
    ];

    /// <summary>All files of the repository, by path, those that a build makes left out.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [.. FilesOf(Repository.Root).Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))];

    /// <summary>
    /// Gets the paths and file names in code spans that speak of this repository: <c>AgentStream.Api/Delivery</c>, <c>reducer.js</c>.
    /// </summary>
    public IEnumerable<string> Paths => CodeSpan().Matches(WithoutFences).Select(match => match.Groups[1].Value)
        .Where(span => !OfOthers.Any(path => span.StartsWith(path, StringComparison.Ordinal)))
        .Where(
            span => (span.Contains('/', StringComparison.Ordinal) && OwnFolders.Contains(span.Split('/')[0]) && OwnPath().IsMatch(span))
                || SourceFile().IsMatch(span));

    /// <summary>Gets what its links lead to inside the repository: a path from the root, and the anchor there.</summary>
    public IEnumerable<(string Path, string? Anchor)> Links => Link().Matches(WithoutFences)
        .Select(match => match.Groups[1].Value)
        .Where(target => !target.Contains(':', StringComparison.Ordinal))
        .Select(target => target.Split('#'))
        .Select(parts => (parts[0].Length == 0 ? location : Resolve(parts[0]), parts.Length > 1 ? parts[1] : null));

    /// <summary>Gets the anchors of its headings, as the usual viewers name them.</summary>
    public IEnumerable<string> Anchors => Heading().Matches(WithoutFences)
        .Select(match => NotInAnchors().Replace(match.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    private string WithoutFences => Fence().Replace(Text, "");

    private string Resolve(string target)
        => Path.GetRelativePath(Repository.Root, Path.Combine(Repository.Root, Path.GetDirectoryName(location)!, target))
            .Replace('\\', '/');

    private static IEnumerable<string> FilesOf(string folder) => Directory.GetFiles(folder)
        .Concat(Directory.GetDirectories(folder).Where(inner => !NotOurs.Contains(Path.GetFileName(inner))).SelectMany(FilesOf));

    [GeneratedRegex("^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"^[A-Za-z0-9_./-]+$")]
    private static partial Regex OwnPath();

    [GeneratedRegex(@"^[A-Za-z0-9_./-]*[A-Za-z0-9_-]\.(cs|cshtml|js|mjs|css|lua|csproj)$")]
    private static partial Regex SourceFile();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#{1,6} (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N}_ -]")]
    private static partial Regex NotInAnchors();
}
