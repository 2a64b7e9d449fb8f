using Xunit.Abstractions;

[assembly: TestCollectionOrderer("AgentStream.Tests.Support.LongestFirst", "AgentStream.Tests")]

namespace AgentStream.Tests.Support;

/// <summary>
/// The order in which collections begin: those that take minutes first, so that none of them is still at work alone in the end.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    // By the names of collections, or of the only class in one.
    private static readonly string[] Long =
    [
        "cluster", "BuildOnItTests", "ConversationPageTests", "WorkerProcessTests", "BackupPageTests", "ChatPageTests", "LostRoleTests",
        "AspireApplicationTests", "StartTests", "ConformanceTests", "AccessibilityTests", "RollingUpdateUnderLoadTests", "redis",
    ];

    /// <inheritdoc />
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections)
        => testCollections.OrderBy(Rank).ThenBy(collection => collection.DisplayName, StringComparer.Ordinal);

    private static int Rank(ITestCollection collection)
    {
        var name = collection.DisplayName;
        var rank = Array.FindIndex(Long, one => name == one || name.EndsWith("." + one, StringComparison.Ordinal));
        return rank < 0 ? Long.Length : rank;
    }
}
