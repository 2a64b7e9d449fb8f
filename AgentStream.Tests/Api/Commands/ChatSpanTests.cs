using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using AgentStream.Tests.Api.Support;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Api.Commands;

public sealed class ChatSpanTests
{
    [Fact]
    public async Task Chat_WhileTheStoreIsAway_MarksItsSpanAsFailed()
    {
        using var ended = new RecordedSpans("AgentStream.Api");
        await using var host = await ApiHost.StartAsync();
        host.Store.Cut();

        using var response = await host.Http.PostAsJsonAsync("/api/sessions/span-of-a-failure/messages", new { message = "hi" });

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        var span = Assert.Single(ended, activity => Equals(activity.GetTagItem("gen_ai.conversation.id"), "span-of-a-failure"));
        Assert.Equal(
            ("chat received", ActivityStatusCode.Error, null, "AgentStream.Messaging.Log.StoreUnavailableException"),
            (span.OperationName, span.Status, span.StatusDescription, span.GetTagItem("error.type")));
        Assert.Empty(span.Events);
    }
}
