using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using AgentStream.Tests.Wire.Fake;
using AgentStream.Worker.Models.OpenAICompatible.Wire;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Wire.Failures;

/// <summary>The limit of a reply has two names, and most servers know one of them.</summary>
public sealed class TokenLimitTests
{
    [Fact]
    public async Task Request_ToACompatibleServer_HasTheNameThatTheyAllKnow()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Text("hi")));

        await model.Client.GetStreamingResponseAsync(WireModel.Question, new ChatOptions { MaxOutputTokens = 77, Temperature = 0.2f })
            .ToListAsync();

        var body = Assert.Single(server.Requests).Body;
        Assert.Equal(77, body.GetProperty("max_tokens").GetInt32());
        Assert.False(body.TryGetProperty("max_completion_tokens", out _));
        Assert.Equal("0.2", body.GetProperty("temperature").GetRawText());
    }

    [Fact]
    public async Task Request_ThatAModelBehindTheServerRefuses_HasTheOtherName()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(
            FakeReply.Error(
                400,
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' "
                    + "instead."), FakeReply.Text("hi")));

        var reply = await model.Client.GetStreamingResponseAsync(WireModel.Question, new ChatOptions { MaxOutputTokens = 77 })
            .ToChatResponseAsync();

        Assert.Equal("hi", reply.Text);
        Assert.Equal(77, server.Requests[1].Body.GetProperty("max_completion_tokens").GetInt32());
        Assert.False(server.Requests[1].Body.TryGetProperty("max_tokens", out _));
    }

    [Theory]
    [InlineData("https://api.openai.com/v1/chat/completions", "max_completion_tokens")]
    [InlineData("https://mine.openai.azure.com/openai/v1/chat/completions", "max_completion_tokens")]
    [InlineData("https://api.groq.com/openai/v1/chat/completions", "max_completion_tokens")]
    [InlineData("https://api.mistral.ai/v1/chat/completions", "max_tokens")]
    [InlineData("http://localhost:11434/v1/chat/completions", "max_tokens")]
    public async Task Limit_OfAServer_HasTheNameThatItKnows(string address, string name)
    {
        var sent = new Recorder();
        using var client = new HttpClient(new TokenLimitHandler(sent));
        using var content = new StringContent("""{"model":"m","max_completion_tokens":5}""", Encoding.UTF8, "application/json");

        using var response = await client.PostAsync(new Uri(address), content);

        Assert.Equal(["model", name], JsonNode.Parse(sent.Body)!.AsObject().Select(property => property.Key));
    }

    private sealed class Recorder : HttpMessageHandler
    {
        public string Body { get; private set; } = "";

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Body = await request.Content!.ReadAsStringAsync(cancellationToken);
            return new HttpResponseMessage(HttpStatusCode.OK);
        }
    }
}
