using AgentStream.Benchmarks.Inside;
using AgentStream.Messaging.Log;
using StackExchange.Redis;

namespace AgentStream.Benchmarks.Peers;

/// <summary>
/// A client that does nothing but call the script with which a delta is appended, with arguments that were made before.
/// </summary>
internal static class PlainAppends
{
    private const string Run = "0193f3a0c5d67e00b1f2c3d4e5f60718";
    private static readonly string[] Parts = ["arguments", "history", "session", "commit"];

    public static async Task RunAsync(int redisPort, int runs)
    {
        var options = new ConfigurationOptions { EndPoints = { $"127.0.0.1:{redisPort}" }, SocketManager = SocketManager.ThreadPool };
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options);
        var database = redis.GetDatabase();
        var script = string.Concat(Parts.Select(Read));
        var hash = Convert.FromHexString((string)(await database.ExecuteAsync("SCRIPT", "LOAD", script))!);
        await AppendLoad.ReportAsync(Enumerable.Range(0, runs), async (run, number) =>
        {
            var session = $"plain:{{{run}}}:";
            var frame = $"{{\"seq\":{number},\"type\":\"step_delta\",\"run_id\":\"{Run}\",\"timestamp\":1764437000.123456,"
                + $"\"data\":{{\"step_id\":\"{Run}-1-1\",\"step_type\":\"answer\",\"delta\":\"{AppendLoad.Text}\",\"iteration\":1}}}}";
            var answer = (RedisResult[])(await database.ScriptEvaluateAsync(
                hash,
                [session + "meta", session + "log"],
                [
                    "expect", number == 1 ? "" : $"{number - 1}", "HSET meta version", number, "first", number, "live", session + "live",
                    "header", $"E 5d0c61f2a9b3 {number} {number}\n", "frame", frame, "run", Run,
                    "HSET meta seq", number, "HSET meta progress", $$"""{"Sequence":{{number}},"Last":{{number}}}""",
                ]))!;
            return (string)answer[1]! == "committed";
        });
    }

    private static string Read(string name)
    {
        using var stream = typeof(ISessionLog).Assembly.GetManifestResourceStream(name + ".lua")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
