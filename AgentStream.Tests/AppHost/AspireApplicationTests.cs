using System.Net.WebSockets;
using AgentStream.Tests.Distributed.Application;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.AppHost;

/// <summary>With Aspire; its end is seen once, after everything else.</summary>
[RequiresRedisOrContainers]
[TestCaseOrderer("AgentStream.Tests.Support." + nameof(LastTestOrderer), "AgentStream.Tests")]
public sealed class AspireApplicationTests(AspireApplication application) : ApplicationTests, IClassFixture<AspireApplication>
{
    private protected override IRunningApplication Application => application;

    [InheritedFact]
    [LastTest]
    public async Task Stop_ClientOfAProxiedServer_IsToldToComeBack()
    {
        await using var socket = new ChatSocket(application.Api, $"stop-{Guid.NewGuid():N}");
        await socket.ConnectAsync();

        var end = socket.ReadToTheEndAsync();
        await application.StopAsync();
        await end.WaitAsync(TestTimeouts.Default);

        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.CloseStatus);
    }
}

/// <summary>Tests that need redis-server or a container engine that can run one.</summary>
internal sealed class RequiresRedisOrContainersAttribute : RequiresAttribute
{
    public override string? SkipReason => AspireApplication.SkipReason;
}
