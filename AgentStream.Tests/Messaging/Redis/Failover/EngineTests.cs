using System.Globalization;
using AgentStream.Messaging.Log;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Messaging.Redis.Failover;

/// <summary>A server that lacks what the store needs is refused at start, before anything is kept there.</summary>
[Collection(RedisCollection.Name)]
public sealed class EngineTests(RedisServerFixture redis)
{
    [RedisTheory]
    [InlineData("XADD")]
    [InlineData("XTRIM")]
    [InlineData("ZREVRANGEBYSCORE")]
    [InlineData("PUBLISH")]
    public async Task Start_OnAServerThatLacksACommand_NamesItAndWritesNothing(string command)
    {
        await using var server = await StartWithoutAsync(command);
        await using var connection = await RedisClients.ConnectAsync(server.ConnectionString);

        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => RedisClients.OpenAsync(connection, "agentstream:e:"));

        Assert.Equal(
            $"The server of ConnectionStrings:redis can't do what AgentStream needs ({command}). "
                + "Use Redis 6.2 or later, or Valkey; docs/redis.md has what was tried.",
            exception.Message);
        Assert.Equal(0, (long)await connection.GetDatabase().ExecuteAsync("DBSIZE"));
    }

    [RedisFact]
    public async Task Start_OnAServerWithoutScripts_SaysSo()
    {
        await using var server = await StartWithoutAsync("EVAL");
        await using var connection = await RedisClients.ConnectAsync(server.ConnectionString);

        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => RedisClients.OpenAsync(connection, "agentstream:e:"));

        Assert.StartsWith("The server of ConnectionStrings:redis does not run Lua scripts", exception.Message, StringComparison.Ordinal);
    }

    [RedisFact]
    public async Task Start_AsAUserWhoMayNotDoAllOfIt_NamesWhat()
    {
        await redis.Server.AskAsync(["ACL", "SETUSER", "half", .. RedisAcl.Rules, "-xtrim", "-zadd"]);
        await using var connection = await RedisClients.ConnectAsync(
            string.Create(CultureInfo.InvariantCulture, $"localhost:{redis.Server.Port},user=half,password={RedisAcl.Password}"));

        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => RedisClients.OpenAsync(connection, redis.NewPrefix()));

        Assert.Equal(
            "The user of ConnectionStrings:redis may not do what AgentStream needs (XTRIM, ZADD). "
                + "docs/redis.md has the rules for a user of its own.",
            exception.Message);
    }

    private static async Task<PlainServer> StartWithoutAsync(string command)
    {
        var port = FreePorts.Take(1)[0];
        var process = ServiceProcess.StartProgram(
            RedisServer.Executable!,
            "Ready to accept connections",
            [],
            "--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--rename-command", command, "");
        await process.WaitUntilReadyAsync();
        return new PlainServer(process, port);
    }

    private sealed record PlainServer(ServiceProcess Process, int Port) : IAsyncDisposable
    {
        public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"localhost:{Port}");

        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }
}
