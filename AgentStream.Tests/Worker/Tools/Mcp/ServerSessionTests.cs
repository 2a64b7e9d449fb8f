using AgentStream.Worker.Tools.Mcp.Sessions;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol.Client;

namespace AgentStream.Tests.Worker.Tools.Mcp;

public sealed class ServerSessionTests
{
    [Fact]
    public async Task Request_InASessionThatIsBeingLeft_IsNotSent()
    {
        await using var server = new FakeMcpServer { Tools = ["""{"name":"plain","inputSchema":{"type":"object"}}"""] };
        var options = await server.StartAsync("http");
        var transport = new WatchedTransport(McpTransports.Create("fake", options, null, NullLoggerFactory.Instance), NullLogger.Instance);
        await using var session = new ServerSession(await McpClient.CreateAsync(transport), transport, TimeProvider.System);

        await session.SettleAsync();

        // Whoever looked the session up a moment before would else call a client that is disposed meanwhile.
        await Assert.ThrowsAsync<SessionForgottenException>(
            () => session.RequestAsync("tools/call", new() { ["name"] = "plain" }, progress: null, CancellationToken.None));
        Assert.Equal(0, server.Calls);
    }
}
