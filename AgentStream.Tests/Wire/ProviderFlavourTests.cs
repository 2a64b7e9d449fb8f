using AgentStream.Tests.Wire.Fake;
using AgentStream.Worker.Models;
using FsCheck;
using FsCheck.Fluent;

namespace AgentStream.Tests.Wire;

/// <summary>What the providers that speak OpenAI's protocol say in their own way, as they really send it.</summary>
public sealed class ProviderFlavourTests
{
    private static FakeReply Groq() => FakeReply.Stream()
        .Chunk(
            """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"fake","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"x_groq":{"id":"req_1"}}""")
        .Delta("""{"reasoning":"Überlegen "}""")
        .Delta("""{"reasoning":"世界 😀","channel":"analysis"}""")
        .Deltas("Grüße, ", "😀")
        .Delta(
            """{"tool_calls":[{"id":"fc_1","type":"function","function":{"name":"calculator","arguments":"{\"expression\":\"1+1\"}"},"index":0}]}""")
        .Chunk(
            """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"fake","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}],"x_groq":{"id":"req_1","usage":{"queue_time":0.1,"prompt_tokens":80,"prompt_time":0.01,"completion_tokens":40,"completion_time":0.1,"total_tokens":120,"total_time":0.11,"prompt_tokens_details":{"cached_tokens":64},"completion_tokens_details":{"reasoning_tokens":30}}}}""")
        .Done();

    private static FakeReply Ollama() => FakeReply.Stream()
        .Delta("""{"role":"assistant","content":"","reasoning":"Überlegen "}""")
        .Delta("""{"role":"assistant","content":"","reasoning":"世界 😀"}""")
        .Delta("""{"role":"assistant","content":"Grüße, "}""")
        .Delta("""{"role":"assistant","content":"😀"}""")
        .Delta(
            """{"role":"assistant","content":"","tool_calls":[{"id":"call_1","index":0,"type":"function","function":{"name":"calculator","arguments":"{\"expression\":\"1+1\"}"}}]}""")
        .Chunk(
            """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"fake","system_fingerprint":"fp_ollama","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"tool_calls"}]}""")
        .Usage(80, 40)
        .Done();

    [Theory]
    [InlineData("groq", 64L, 30L)]
    [InlineData("ollama", null, null)]
    public async Task Stream_AsTheProviderSendsIt_GivesThoughtTextCallsAndUsage(string type, long? cached, long? reasoning)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Of(type, server.Reply(Recorded(type)));

        var reply = await model.AskAsync();

        Assert.Equal(("Überlegen 世界 😀", "Grüße, 😀"), (reply.Thought, reply.Text));
        Assert.EndsWith(" calculator {\"expression\":\"1+1\"}", Assert.Single(reply.Calls), StringComparison.Ordinal);
        var usage = Assert.Single(reply.Usage).Details;
        Assert.Equal((
            80, 40, 120, cached, reasoning), (
                usage.InputTokenCount, usage.OutputTokenCount, usage.TotalTokenCount, usage.CachedInputTokenCount,
                usage.ReasoningTokenCount));
        Assert.False(UsageEstimator.IsEstimated(usage));
        Assert.Equal("Bearer secret", Assert.Single(server.Requests).Authorization);
    }

    [Theory]
    [InlineData("groq")]
    [InlineData("ollama")]
    public async Task Stream_SplitAnywhere_IsTheSameReply(string type)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Of(type, server.Reply(Recorded(type)));
        var expected = (await model.AskAsync()).ToString();
        var length = Recorded(type).ToBytes().Length;

        Prop.ForAll(Gen.Choose(1, length - 1).ListOf().ToArbitrary(), positions =>
        {
            server.Reply(Recorded(type).SplitAt(positions));
            return model.AskAsync().GetAwaiter().GetResult().ToString() == expected;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task Groq_OutOfAMinutesTokens_IsRetriedAndNotTakenForTheQuota()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Of("groq", server.Reply(
            FakeReply.Error(
                429,
                "Rate limit reached on tokens per minute (TPM): Limit 6000. Need more tokens? Upgrade at console.groq.com/settings/billing",
                "rate_limit_exceeded", retryAfter: "0.001"),
            FakeReply.Text("fine")));

        Assert.Equal("fine", (await model.AskAsync()).Text);
    }

    [Fact]
    public async Task DeepSeek_CachedTokens_AreReadUnderTheirName()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Stream().Deltas("hi").Finish()
            .Chunk(
                """{"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":2,"total_tokens":12,"prompt_cache_hit_tokens":8,"prompt_cache_miss_tokens":2}}""")
                    .Done()));

        Assert.Equal(8, Assert.Single((await model.AskAsync()).Usage).Details.CachedInputTokenCount);
    }

    [Fact]
    public async Task Key_OfAServerWithAnAddressOfItsOwn_HasAVariableOfItsOwn()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(
            server.Reply(FakeReply.Text("hi")),
            new()
            {
                ["OPENAI_API_KEY"] = "not for you",
                ["AZURE_OPENAI_API_KEY"] = "for azure",
                ["AgentStream:Models:azure-openai:Type"] = "openai",
                ["AgentStream:Models:azure-openai:BaseAddress"] = server.BaseAddress.ToString(),
            },
            "azure-openai/some-deployment");

        await model.AskAsync();

        Assert.Equal("Bearer for azure", Assert.Single(server.Requests).Authorization);
    }

    private static FakeReply Recorded(string type) => type == "groq" ? Groq() : Ollama();
}
