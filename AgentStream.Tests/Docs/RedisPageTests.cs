using System.Text.RegularExpressions;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Docs;

/// <summary>The user that docs/redis.md gives the services may do all that their code asks; it is seen without a Redis.</summary>
public sealed partial class RedisPageTests
{
    private static readonly string[] Projects = ["AgentStream.Messaging", "AgentStream.Access", "AgentStream.Api", "AgentStream.Worker"];

    /// <summary>The client's own calls, and the commands that they send.</summary>
    private static readonly Dictionary<string, string[]> Calls = new()
    {
        ["HashDeleteAsync"] = ["HDEL"],
        ["HashExistsAsync"] = ["HEXISTS"],
        ["HashGetAllAsync"] = ["HGETALL"],
        ["HashGetAsync"] = ["HGET", "HMGET"],
        ["HashIncrementAsync"] = ["HINCRBY"],
        ["HashSetAsync"] = ["HSET", "HSETNX"],
        ["HashValuesAsync"] = ["HVALS"],
        ["KeyDeleteAsync"] = ["DEL", "UNLINK"],
        ["KeyExistsAsync"] = ["EXISTS"],
        ["SortedSetAddAsync"] = ["ZADD"],
        ["SortedSetLengthAsync"] = ["ZCARD"],
        ["SortedSetRangeByRankAsync"] = ["ZRANGE"],
        ["SortedSetRemoveAsync"] = ["ZREM"],
        ["SortedSetScoresAsync"] = ["ZMSCORE"],
        ["StringGetAsync"] = ["GET"],
        ["StringIncrementAsync"] = ["INCR"],
        ["StringSetAsync"] = ["SET"], // With NX; with a lifetime alone it is SETEX or PSETEX.
    };

    [Fact]
    public void User_OfThePage_MayDoWhatTheSourcesAskOfRedis()
    {
        // Of a command with words of its own (+cluster|nodes) the sources name the first.
        var allowed = RedisAcl.Rules.Where(rule => rule.StartsWith('+')).Select(rule => rule[1..].Split('|')[0]).ToList();
        var sources = (from project in Projects
                       from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, project), "*", SearchOption.AllDirectories)
                       where IsSource(file)
                       select File.ReadAllText(file)).ToList();
        var calls = sources.SelectMany(source => Call().Matches(source)).Select(match => match.Groups["call"].Value).Distinct().ToList();
        Assert.All(calls, call => Assert.True(Calls.ContainsKey(call), $"{call}: name in {nameof(Calls)} the commands that it sends."));
        var commands = sources.SelectMany(source => Command().Matches(source)).Select(match => match.Groups["command"].Value)
            .Concat(calls.SelectMany(call => Calls[call]))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);

        Assert.Superset(new HashSet<string>(["HSET", "XADD", "PEXPIREAT", "ZCARD", "INFO"], StringComparer.OrdinalIgnoreCase), commands);
        Assert.Empty(commands.Except(allowed, StringComparer.OrdinalIgnoreCase));
    }

    private static bool IsSource(string file)
        => Path.GetExtension(file) is ".lua" or ".cs"
            && !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal);

    // redis.call('HSET', …), ExecuteAsync("ZADD", …), and what commit.lua is told to do: Change("SET base", …), Add($"PUBLISH …", …).
    [GeneratedRegex(
        """redis\.p?call\('(?<command>[A-Za-z]+)'|(?:ExecuteAsync\(\s*|Change\(\$?|Add\(\$?)"(?<command>[A-Z]{3,})[" ]""")]
    private static partial Regex Command();

    // database.SortedSetAddAsync(…)
    [GeneratedRegex("""(?:[dD]atabase)\.(?<call>(?:Geo|Hash|HyperLogLog|Key|List|Set|SortedSet|Stream|String)\w*Async)\(""")]
    private static partial Regex Call();
}
