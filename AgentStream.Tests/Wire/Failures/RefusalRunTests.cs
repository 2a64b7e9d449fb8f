using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Wire.Fake;
using AgentStream.Tests.Worker.Running;
using AgentStream.Tests.Worker.Running.Context;
using AgentStream.Worker.Running.Checkpoints;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Wire.Failures;

/// <summary>
/// What becomes of a run whose server refuses, in the words that real ones use,
/// and of the next message in the same session: that one always works.
/// </summary>
public sealed class RefusalRunTests : IAsyncLifetime, IDisposable
{
    private FakeOpenAIServer _server = null!;
    private WireModel _model = null!;
    private TaskCompletionSource _shown = new();

    public static TheoryData<string> Rates => new()
    {
        """{"error":{"code":"429","message":"Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-08-01-preview have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 0.001 seconds. Please go here: https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit."}}""",
        """[{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details. Please retry in 1.2ms.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"0.0012s"}]}}]""",
        """[{"error":{"code":429,"message":"Quota exceeded for aiplatform.googleapis.com/online_prediction_requests_per_base_model with base model: gemini-pro. Please submit a quota increase request.","status":"RESOURCE_EXHAUSTED"}}]""",
        """{"error":{"message":"Allocated quota exceeded, please increase your quota limit.","type":"insufficient_quota","code":"insufficient_quota"}}""",
        """{"error":{"message":"Rate limit reached on tokens per minute (TPM): Limit 6000, Used 5034. Please try again in 4ms. Upgrade at https://console.groq.com/settings/billing","code":"rate_limit_exceeded"}}""",
        """{"error":{"message":"Your account request reached organization max RPM: 3, please try again after 0 seconds","type":"rate_limit_reached_error"}}""",
        """{"error":{"code":"1302","message":"您的账户已达到速率限制，请您控制请求频率"}}""",
    };

    public static TheoryData<string> Quotas => new()
    {
        """{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","code":"insufficient_quota"}}""",
        """[{"error":{"code":429,"message":"You exceeded your current quota. Please retry in 0.001s.","status":"RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]},{"retryDelay":"0.001s"}]}}]""",
        """{"error":{"message":"Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day","code":429}}""",
        """{"error":{"code":"1113","message":"余额不足或无可用资源包,请充值。"}}""",
    };

    public static TheoryData<int, string> LongPrompts => new()
    {
        {
            400,
            """{"object":"error","message":"The decoder prompt (length 9120) is longer than the maximum model length of 4096. Make sure that `max_model_len` is no smaller than the number of text tokens.","code":400}"""
        },
        { 422, """{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096","error_type":"validation"}""" },
        { 400, """{"code":"InvalidParameter","message":"Range of input length should be [1, 30720]","request_id":"1"}""" },
        { 400, """{"error":{"code":"1261","message":"Prompt exceeds max length"}}""" },
        {
            413,
            """{"error":{"message":"Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 6294, please reduce your message size and try again.","code":"rate_limit_exceeded"}}"""
        },
        {
            500,
            """{"error":{"code":500,"message":"the request exceeds the available context size. try increasing the context size or enable context shift","type":"exceed_context_size_error","n_prompt_tokens":14070,"n_ctx":4096}}"""
        },
        {
            400,
            """{"error":"Trying to keep the first 9120 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough."}"""
        },
        {
            400,
            """{"error":{"message":"Invalid request: Your request exceeded model token limit: 4096 (requested: 9120)","type":"invalid_request_error"}}"""
        },
        // As a stream that has begun well.
        {
            200,
            """{"object":"error","message":"The input (9120 tokens) is longer than the model's context length (4096 tokens).","type":"BadRequestError","code":400}"""
        },
    };

    public static TheoryData<int, string> NoTools => new()
    {
        {
            400,
            """{"error":{"message":"registry.ollama.ai/library/gemma3:4b does not support tools","type":"api_error","param":null,"code":null}}"""
        },
        {
            400,
            """{"object":"error","message":"\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set","type":"BadRequestError","code":400}"""
        },
        { 500, """{"error":{"code":500,"message":"tools param requires --jinja flag","type":"server_error"}}""" },
        {
            404,
            """{"error":{"message":"No endpoints found that support tool use. To learn more about provider routing, visit: https://openrouter.ai/docs/provider-routing","code":404}}"""
        },
        {
            400,
            """[{"error":{"code":400,"message":"Function calling is not enabled for models/gemma-3-12b-it","status":"INVALID_ARGUMENT"}}]"""
        },
        { 422, """{"detail":[{"type":"extra_forbidden","loc":["body","tools"],"msg":"Extra inputs are not permitted","input":[]}]}""" },
    };

    public static TheoryData<string, int> LongReplies => new()
    {
        {
            """{"object":"error","message":"'max_tokens' or 'max_completion_tokens' is too large: 16384. This model's maximum context length is 8192 tokens and your request has 500 input tokens (16384 > 8192 - 500). None","type":"BadRequestError","code":400}""",
            7692
        },
        {
            """{"error":{"message":"This model's maximum context length is 16500 tokens. However, you requested 17384 tokens (1000 in the messages, 16384 in the completion). Please reduce the length of the messages or completion.","code":"invalid_request_error"}}""",
            15500
        },
        {
            """{"error":{"message":"Invalid max_tokens value, the valid range of max_tokens is [1, 8192]","type":"invalid_request_error"}}""",
            8192
        },
        {
            """{"error":{"message":"`max_tokens` must be less than or equal to `8000`, the maximum value for `max_tokens` is less than the `context_window` for this model"}}""",
            8000
        },
        {
            """{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 1000 `inputs` tokens and 16384 `max_new_tokens`","error_type":"validation"}""",
            3096
        },
        {
            """{"error":{"message":"Request too large for model `x` on tokens per minute (TPM): Limit 8000, Requested 16979, please reduce your message size and try again.","code":"rate_limit_exceeded"}}""",
            7405
        },
    };

    public static TheoryData<int, string, string> Unknown => new()
    {
        {
            400,
            """{"error":{"message":"Only base64 pictures are taken by this model. See https://models.example/docs.","type":"invalid_request_error"}}""",
            "Only base64 pictures are taken by this model."
        },
        {
            400,
            """{"object":"error","message":"Conversation roles must alternate user/assistant/user/assistant/... for key sk-abcdefgh12345678","type":"BadRequestError","code":400}""",
            "Conversation roles must alternate user/assistant/user/assistant/... for key …"
        },
        {
            422, """{"detail":[{"type":"missing","loc":["body","messages"],"msg":"Field required","input":{"messages":["question"]}}]}""",
            "Field required"
        },
        { 400, """{"error":"invalid tool call arguments","error_type":"tool_error"}""", "invalid tool call arguments" },
        { 418, "The kettle at 10.0.0.7:8000 is cold", "The kettle at … is cold" },
        { 400, """{"error":{"code":"1214","message":"messages 参数非法。请检查文档。"}}""", "messages 参数非法。" },
        { 500, """{"error":{"message":"The model '/models/secret.gguf' has crashed.","code":500}}""", "The model '…' has crashed." },
        {
            404,
            """{"error":{"message":"No endpoints found matching your data policy. Configure: https://openrouter.ai/settings/privacy","code":404}}""",
            "No endpoints found matching your data policy."
        },
    };

    public async Task InitializeAsync()
    {
        _server = await FakeOpenAIServer.StartAsync();
        _server.Otherwise = _ => FakeReply.Text("fine");
        _model = new WireModel(_server);
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public async Task Run_RefusedForTheMinute_WaitsAndGoesOn(string body)
    {
        _server.Reply(FakeReply.Json(body, 429));
        var first = await RunAsync();

        Assert.Equal((RunStatus.Completed, "fine"), (first.Finished!.Status, first.Steps.Last().Content));
        Assert.Equal(2, _server.Requests.Count);
        await TalkOnAsync(first);
    }

    [Fact]
    public async Task Run_RefusedWithAHeaderAndAQuota_WaitsAndGoesOn()
    {
        var refusal = FakeReply.Json(
            """{"error":{"code":"429","message":"Your requests exceeded the quota of your tier. Go here: https://aka.ms/oai/quotaincrease"}}""",
            429);
        refusal.Headers["Retry-After"] = "0";
        _server.Reply(refusal);

        Assert.Equal(RunStatus.Completed, (await RunAsync()).Finished!.Status);
    }

    [Theory]
    [MemberData(nameof(Quotas))]
    public async Task Run_RefusedForMoneyOrTheDay_EndsAtOnce(string body)
    {
        _server.Reply(FakeReply.Json(body, 429));
        var first = await RunAsync();

        Assert.Equal((RunStatus.Failed, "model_quota"), (first.Finished!.Status, first.Finished.ErrorCode));
        Assert.Single(_server.Requests);
        await TalkOnAsync(first);
    }

    [Theory]
    [MemberData(nameof(LongPrompts))]
    public async Task Run_RefusedAsTooLong_IsCondensedAndGoesOn(int status, string body)
    {
        _server.Reply(Refusal(status, body));
        var first = await RunAsync(history: true);

        Assert.Equal((RunStatus.Completed, "Thought FinalAnswer"), (first.Finished!.Status, first.Shape));
        Assert.StartsWith("The model refused this", first.Steps.First().Content, StringComparison.Ordinal);
        Assert.True(_server.Requests[^1].Body.GetProperty(
            "messages").GetRawText().Length < _server.Requests[0].Body.GetProperty("messages").GetRawText().Length);
        await TalkOnAsync(first);
    }

    [Theory]
    [MemberData(nameof(NoTools))]
    public async Task Run_OfAModelWithoutTools_IsAskedAgainWithoutOnceAndSaysSo(int status, string body)
    {
        var look = new AgentTool(AIFunctionFactory.Create(() => "seen", "look", "Looks.")) { IsIdempotent = true };
        _server.Otherwise = request => request.Body.TryGetProperty("tools", out _) ? Refusal(status, body) : FakeReply.Text("fine");
        var first = await RunAsync(tools: [look]);

        Assert.Equal((RunStatus.Completed, "Thought FinalAnswer"), (first.Finished!.Status, first.Shape));
        Assert.Contains("takes no tools", first.Steps.First().Content, StringComparison.Ordinal);
        Assert.Equal([true, false], HadTools());

        // Remembered, and said in each run: what people ask next may need a tool too.
        var next = await TalkOnAsync(first, look);
        Assert.Equal("Thought FinalAnswer", next.Shape);
        Assert.Equal([true, false, false], HadTools());
    }

    [Fact]
    public async Task Run_OfAModelWithoutTools_ReadsWhatOthersCalledAsText()
    {
        var look = new AgentTool(AIFunctionFactory.Create(() => "seen", "look", "Looks.")) { IsIdempotent = true };
        _server.Reply(FakeReply.Stream().ToolCall(0, "c1", "look", "{}").Finish("tool_calls").Done());
        var first = await RunAsync(tools: [look]);
        _server.Reply(FakeReply.Error(400, "x does not support tools"));

        var next = await TalkOnAsync(first, look);

        Assert.Equal("Thought FinalAnswer", next.Shape);
        var last = _server.Requests[^1].Body.GetProperty("messages");
        Assert.DoesNotContain(
            last.EnumerateArray(),
            message => message.GetProperty("role").GetString() == "tool" || message.TryGetProperty("tool_calls", out _));
        Assert.Contains("seen", last.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OfAModelThatRefusesEvenWithoutTools_SaysWhy()
    {
        _server.Reply(FakeReply.Error(400, "x does not support tools"), FakeReply.Error(400, "x does not support tools at all"));
        var first = await RunAsync(tools: [new AgentTool(AIFunctionFactory.Create(() => "seen", "look", "Looks."))]);

        Assert.Equal("model_refused", first.Finished!.ErrorCode);
        Assert.Equal(2, _server.Requests.Count);
        await TalkOnAsync(first);
    }

    [Theory]
    [MemberData(nameof(LongReplies))]
    public async Task Run_WhoseReplyHasNoRoom_IsAskedAgainWithWhatFits(string body, int fits)
    {
        _server.Reply(FakeReply.Json(body, 400));
        var first = await RunAsync(maxTokens: 16_384);

        Assert.Equal((RunStatus.Completed, "FinalAnswer"), (first.Finished!.Status, first.Shape));
        Assert.Equal([16_384, fits], _server.Requests.Select(request => request.Body.GetProperty("max_tokens").GetInt32()));
        await TalkOnAsync(first);
    }

    [Fact]
    public async Task Run_WhoseReplyNeverHasRoom_IsAskedAgainOnce()
    {
        _server.Otherwise = _ => FakeReply.Error(400, "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]");
        var first = await RunAsync(maxTokens: 16_384);

        Assert.Equal("model_refused", first.Finished!.ErrorCode);
        Assert.Contains("max_tokens", first.Finished.Error, StringComparison.Ordinal);
        Assert.Equal(2, _server.Requests.Count);
        _server.Otherwise = _ => FakeReply.Text("fine");
        await TalkOnAsync(first);
    }

    [Theory]
    [MemberData(nameof(Unknown))]
    public async Task Run_RefusedForAnUnknownReason_SaysWhatTheServerSaid(int status, string body, string words)
    {
        _server.Otherwise = _ => status == 418 ? FakeReply.Body("text/plain", body, status) : FakeReply.Json(body, status);
        var first = await RunAsync();

        Assert.Equal(RunStatus.Failed, first.Finished!.Status);
        Assert.Contains($"It says: “{words}”", first.Finished.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("temperature", first.Finished.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("max_tokens", first.Finished.Error, StringComparison.Ordinal);
        _server.Otherwise = _ => FakeReply.Text("fine");
        await TalkOnAsync(first);
    }

    [Theory]
    [InlineData(
        "temperature", "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
        0.2, null)]
    [InlineData("max_tokens", "max_tokens参数非法。请检查文档。", null, 9)]
    [InlineData(null, "The 'temperature' of this request is unset.", null, 9)]
    [InlineData(null, "top_p must be smaller", 0.2, 9)]
    public async Task Run_RefusedForASettingOfItsMessage_SaysWhichOne(string? setting, string sentence, double? temperature, int? maxTokens)
    {
        _server.Reply(FakeReply.Error(400, sentence));
        var first = await RunAsync(maxTokens: maxTokens, temperature: temperature);

        Assert.Equal("model_refused", first.Finished!.ErrorCode);
        Assert.Equal(setting is not null, first.Finished.Error!.Contains($"refused the {setting} for", StringComparison.Ordinal)
            && first.Finished.Error.Contains("Leave it out", StringComparison.Ordinal));
        await TalkOnAsync(first);
    }

    [Theory]
    [InlineData("model_context_window_exceeded")]
    [InlineData("max_output_tokens")]
    [InlineData("MAX_TOKENS")]
    [InlineData("FinishReason.MAX_TOKENS")]
    [InlineData("model_length")]
    [InlineData("token_limit")]
    [InlineData("repetition_truncation")]
    public async Task Answer_ThatEndsAtALimit_IsMarkedAsCutOff(string reason)
    {
        _server.Reply(FakeReply.Stream().Deltas("only so").Finish(reason).Usage().Done());
        var first = await RunAsync();

        Assert.Equal((RunStatus.Completed, true), (first.Finished!.Status, first.Steps.Last().CutOff));
        await TalkOnAsync(first);
    }

    [Theory]
    [InlineData("insufficient_system_resource")]
    [InlineData("network_error")]
    [InlineData("abort")]
    public async Task Answer_ThatTheServerGaveUp_IsAskedForAgain(string reason)
    {
        _server.Reply(FakeReply.Stream().Deltas("only so").Finish(reason).Done());
        var first = await RunAsync();

        Assert.Equal((RunStatus.Completed, "fine"), (first.Finished!.Status, first.Steps.Last().Content));
        await TalkOnAsync(first);
    }

    /// <summary>llama.cpp finds while it writes that nothing more fits in.</summary>
    [Theory]
    [InlineData("""{"error":{"code":500,"message":"Context size has been exceeded.","type":"server_error"}}""")]
    [InlineData(
        """{"object":"error","message":"The input (9120 tokens) is longer than the model's context length (4096 tokens).","code":400}""")]
    [InlineData("""{"error":"Input validation error: `inputs` must have less than 1024 tokens. Given: 1168","error_type":"validation"}""")]
    public async Task Answer_ForWhichThereIsNoRoom_IsTakenBackAndAskedForAgainWithMore(string error)
    {
        _server.Reply(Broken(error));
        var first = await RunAsync(history: true);

        Assert.Equal(
            (RunStatus.Completed, "Thought FinalAnswer", "fine"), (first.Finished!.Status, first.Shape, first.Steps.Last().Content));
        Assert.Single(first.Log.OfType<StepSuperseded>());
        await TalkOnAsync(first);
    }

    [Theory]
    [InlineData("""{"object":"error","message":"out of memory at 10.0.0.7:8000","code":500}""")]
    [InlineData("""{"error":{"message":"out of memory at http://gpu-1:8000/v1","code":500}}""")]
    [InlineData("""{"detail":"out of memory at /dev/gpu0"}""")]
    public async Task Answer_ThatAlwaysBreaksOff_SaysWhatTheServerSaid(string error)
    {
        _server.Otherwise = _ => Broken(error);
        var first = await RunAsync();

        Assert.Equal("model_stream_broken", first.Finished!.ErrorCode);
        Assert.Contains("It says: “out of memory at …”", first.Finished.Error, StringComparison.Ordinal);
        _server.Otherwise = _ => FakeReply.Text("fine");
        await TalkOnAsync(first);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _model.Dispose();

    private static FakeReply Refusal(int status, string body)
        => status == 200 ? FakeReply.Stream().Chunk(body).Done() : FakeReply.Json(body, status);

    /// <summary>A stream that breaks once its first words are shown.</summary>
    private FakeReply Broken(string error)
        => FakeReply.Stream().Deltas("only so").Wait((_shown = new TaskCompletionSource()).Task).Chunk(error).Done();

    private bool[] HadTools() => [.. _server.Requests.Select(request => request.Body.TryGetProperty("tools", out _))];

    private async Task<LoopHarness> RunAsync(
        bool history = false, int? maxTokens = null, double? temperature = null, params AgentTool[] tools)
    {
        var harness = new LoopHarness(_model.Client, tools)
        {
            Conversation = history
                ? [.. "abc".Select(
                    letter => new ConversationTurn(RunId.New(), $"question {letter}", [Reply(letter)]) { Seq = EarlierTurns.NextPlace() })]
                : [],
            MaxTokens = maxTokens,
            Temperature = temperature,
            Kept = kept =>
            {
                if (kept is StepDelta)
                {
                    _shown.TrySetResult();
                }
            },
        };
        await harness.RunAsync();
        return harness;
    }

    private static byte[] Reply(char letter) => new ReplyRecorded { Iteration = 1, Text = new string(letter, 8_000), Calls = [] }.ToBytes();

    /// <summary>The next message of the session.</summary>
    private async Task<LoopHarness> TalkOnAsync(LoopHarness first, params AgentTool[] tools)
    {
        var next = new LoopHarness(_model.Client, tools) { Conversation = [first.AsTurn()], Message = "and now?" };
        await next.RunAsync();
        Assert.Equal((RunStatus.Completed, "fine"), (next.Finished!.Status, next.Steps.Last().Content));
        return next;
    }
}
