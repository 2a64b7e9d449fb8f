using System.Diagnostics;
using AgentStream.Tests.Support;
using AgentStream.Tests.Wire.Fake;

namespace AgentStream.Tests.Wire;

public sealed class ReplySpanTests
{
    [Theory]
    [InlineData("openai")]
    [InlineData("groq")]
    [InlineData("anthropic")]
    public async Task Reply_OfAServersModel_SaysInItsSpanWhereTheServerIs(string provider)
    {
        using var ended = new RecordedSpans("AgentStream.Worker");
        await using var server = await FakeOpenAIServer.StartAsync();
        server.Reply(provider == "anthropic" ? AnthropicReply.Text("Hello.") : FakeReply.Text("Hello."));
        using var model = provider switch
        {
            "anthropic" => WireModel.Anthropic(server),
            "openai" => new WireModel(server),
            _ => WireModel.Of(provider, server),
        };

        Assert.Equal("Hello.", (await model.AskAsync()).Text);

        // A view of GenAI spans names the model's side of the conversation after this.
        var span = Assert.Single(ended, activity => Equals(activity.GetTagItem("server.port"), server.BaseAddress.Port));
        Assert.Equal(
            (ActivityKind.Client, provider, server.BaseAddress.Host),
            (span.Kind, span.GetTagItem("gen_ai.provider.name"), span.GetTagItem("server.address")));
    }
}
