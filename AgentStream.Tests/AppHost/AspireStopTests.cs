using System.Net.WebSockets;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;

namespace AgentStream.Tests.AppHost;

/// <summary>The end of an application that Aspire runs.</summary>
[SystemTest]
public sealed class AspireStopTests
{
    [RedisFact]
    public async Task Stop_ClientOfAProxiedServer_IsToldToComeBack()
    {
        using var application = new AspireApplication();
        await application.InitializeAsync();
        await using var socket = new ChatSocket(application.Api, $"stop-{Guid.NewGuid():N}");
        await socket.ConnectAsync();

        var end = socket.ReadToTheEndAsync();
        await application.DisposeAsync();
        await end.WaitAsync(TestTimeouts.Default);

        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.CloseStatus);
    }
}
