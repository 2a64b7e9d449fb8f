using System.Text.RegularExpressions;

namespace AgentStream.Tests.Support.Processes;

/// <summary>
/// The user that docs/redis.md gives the services, word for word: whatever tests a service or the store does so as this user.
/// </summary>
internal static partial class RedisAcl
{
    public const string User = "agentstream";

    public const string Password = "of-tests-alone";

    /// <summary>For a connection string.</summary>
    public const string Credentials = $"user={User},password={Password}";

    /// <summary>What <c>ACL SETUSER agentstream</c> is given.</summary>
    public static IReadOnlyList<string> Rules { get; } =
    [
        .. Command().Match(Repository.Read("docs/redis.md")).Groups["rules"].Value
            .Split([' ', '\n', '\\'], StringSplitOptions.RemoveEmptyEntries)
            .Select(rule => rule.Trim('\'', '"').Replace("$PASSWORD", Password, StringComparison.Ordinal)),
    ];

    // A line that ends with a backslash goes on in the next one.
    [GeneratedRegex(@"ACL SETUSER agentstream (?<rules>(?:[^\n]*\\\n)*[^\n]*)\n")]
    private static partial Regex Command();
}
