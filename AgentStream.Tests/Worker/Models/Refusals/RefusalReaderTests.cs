using AgentStream.Worker.Models.Wire;
using AgentStream.Worker.Models.Wire.Refusals;

namespace AgentStream.Tests.Worker.Models.Refusals;

/// <summary>What real servers have answered, as people reported it; each row says where. None of them was asked by us.</summary>
public sealed class RefusalReaderTests
{
    public static TheoryData<int, string, string> Rates => new()
    {
        // Azure, alex-wolf-ps/dbchatprov2#2 and jonjinkim in vanderschaarlab/climb#1
        {
            429,
            """{"error":{"code":"429","message":"Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-08-01-preview have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 86400 seconds. Please go here: https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit."}}""",
            "86400"
        },
        // Gemini over its OpenAI-compatible address, RooCodeInc/Roo-Code#3883
        {
            429,
            """[{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaMetric":"generativelanguage.googleapis.com/generate_content_free_tier_input_token_count","quotaId":"GenerateContentInputTokensPerModelPerMinute-FreeTier","quotaValue":"250000"}]},{"@type":"type.googleapis.com/google.rpc.Help","links":[{"description":"Learn more about Gemini API quotas"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"26s"}]}}]""",
            "26"
        },
        // Gemini with the wait in the sentence alone, continuedev/continue#9570, inside another body's message
        {
            429,
            """{"error":{"message":"{\n \"error\": {\n \"code\": 429,\n \"message\": \"You exceeded your current quota, please check your plan and billing details.\\n* Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 5\\nPlease retry in 45.578569677s.\",\n \"status\": \"RESOURCE_EXHAUSTED\"\n }\n}\n","code":429,"status":"Too Many Requests"}}""",
            "45.579"
        },
        // Vertex, cg-dot/vertexai-cf-workers#18
        {
            429,
            """[{"error":{"code":429,"message":"Quota exceeded for aiplatform.googleapis.com/online_prediction_requests_per_base_model with base model: anthropic-claude-3-5-sonnet. Please submit a quota increase request. https://cloud.google.com/vertex-ai/docs/generative-ai/quotas-genai.","status":"RESOURCE_EXHAUSTED"}}]""",
            "minute"
        },
        // Vertex, google-gemini/gemini-cli#14811; AI Studio, google-gemini/gemini-cli#2020
        {
            429,
            """[{"error":{"code":429,"message":"Resource exhausted. Please try again later. Please refer to https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429 for more details.","status":"RESOURCE_EXHAUSTED"}}]""",
            ""
        },
        {
            429, """{"error":{"code":429,"message":"Resource has been exhausted (e.g. check quota).","status":"RESOURCE_EXHAUSTED"}}""",
            "minute"
        },
        // Groq, elizaOS/eliza#4040
        {
            429,
            """{"error":{"message":"Rate limit reached for model `llama-3.1-8b-instant` in organization `org_01` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Used 5034, Requested 1443. Please try again in 4.77s. Need more tokens? Upgrade to Dev Tier today at https://console.groq.com/settings/billing","type":"tokens","code":"rate_limit_exceeded"}}""",
            "4.77"
        },
        // OpenAI, a day's limit that rolls, MSU-AI-Agents/fall-2025-course#76
        {
            429,
            """{"error":{"message":"Rate limit reached for gpt-3.5-turbo in organization org-p on requests per day (RPD): Limit 10000, Used 10000, Requested 1. Please try again in 8.64s. Visit https://platform.openai.com/account/rate-limits to learn more.","type":"requests","param":null,"code":"rate_limit_exceeded"}}""",
            "8.64"
        },
        // Kimi, LLM-Red-Team/kimi-cc#16
        {
            429,
            """{"error":{"message":"Your account org-e664<ak-f3t8> request reached organization max RPM: 3, please try again after 1 seconds","type":"rate_limit_reached_error"}}""",
            "1"
        },
        // DashScope, whose code says money and means the minute: help.aliyun.com/en/model-studio/rate-limit and error-code
        {
            429,
            """{"error":{"message":"Allocated quota exceeded, please increase your quota limit. For details, see: https://help.aliyun.com/zh/model-studio/error-code#token-limit","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}""",
            "minute"
        },
        {
            429, """{"code":"Throttling.RateQuota","message":"Requests rate limit exceeded, please try again later.","request_id":"1"}""",
            ""
        },
        // Zhipu, yilewang/llm-for-zotero#17 and anomalyco/opencode#9789
        {
            429,
            """{"error":{"code":"1302","message":"\u60a8\u7684\u8d26\u6237\u5df2\u8fbe\u5230\u901f\u7387\u9650\u5236\uff0c\u8bf7\u60a8\u63a7\u5236\u8bf7\u6c42\u9891\u7387"}}""",
            ""
        },
        { 429, """{"error":{"code":"1302","message":"您当前使用该API的并发数过高，请降低并发，或联系客服增加限额。"}}""", "" },
        // Bedrock, through a gateway with a status of its own: ranxianglei/billion-context-pi#169; it is no long prompt
        { 503, """{"message":"Too many tokens, please wait before trying again."}""", "" },
        // Mistral, raycast/extensions#31107
        {
            429,
            """{"object":"error","message":"Rate limit exceeded","type":"rate_limited","param":null,"code":"1300","raw_status_code":429}""",
            ""
        },
        // jherrerape in Azure-Samples/azure-search-openai-demo#177
        { 429, """{"statusCode":429,"message":"Rate limit is exceeded. Try again in 30 seconds."}""", "30" },
    };

    public static TheoryData<int, string> Quotas => new()
    {
        // OpenAI, chatanywhere/GPT_API_free#229
        {
            429,
            """{"error":{"message":"You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"""
        },
        // Gemini's day names a delay as the minute does, google-gemini/gemini-cli#10925 and Google's names of quotas
        {
            429,
            """[{"error":{"code":429,"message":"You exceeded your current quota. Please retry in 26.1s.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier","quotaValue":"50"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"26s"}]}}]"""
        },
        {
            429,
            """[{"error":{"code":429,"message":"Quota exceeded for quota metric 'Gemini 2.5 Pro Requests' and limit 'Gemini 2.5 Pro Requests per day per user per tier' of service 'cloudcode-pa.googleapis.com' for consumer 'project_number:1'.","errors":[{"reason":"rateLimitExceeded"}],"status":"RESOURCE_EXHAUSTED"}}]"""
        },
        // Gemini without a delay, gke-labs/gemini-for-kubernetes-development#1215: it was the day's
        {
            429,
            """{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits. ","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.Help","links":[{"description":"Learn more about Gemini API quotas"}]}]}}"""
        },
        // OpenRouter, Gitlawb/openclaude#936, and forall#76
        {
            429,
            """{"error":{"message":"Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day","code":429,"metadata":{"headers":{"X-RateLimit-Limit":"50","X-RateLimit-Remaining":"0"}}}}"""
        },
        {
            402,
            """{"error":{"message":"This request requires more credits, or fewer max_tokens. You requested up to 64000 tokens, but can only afford 2666.","code":402}}"""
        },
        // Bedrock, minorun365/agent-book#29
        { 429, """{"message":"Too many tokens per day, please wait before trying again."}""" },
        // Zhipu, langgenius/dify#5850 and anthropics/claude-code#9201
        { 429, """{"error":{"code":"1113","message":"您的账户已欠费，请充值后重试。"}}""" },
        {
            429,
            """{"type":"error","error":{"type":"1113","message":"Insufficient balance or no resource package. Please recharge."},"request_id":"1"}"""
        },
        // DeepSeek, continuedev/continue#9942
        { 402, """{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}""" },
        // DashScope, help.aliyun.com/en/model-studio/error-code
        {
            400,
            """{"error":{"code":"Arrearage","param":null,"message":"Access denied, please make sure your account is in good stand\u0069ng.","type":"Arrearage"}}"""
        },
        { 403, """{"error":{"code":"AllocationQuota.FreeTierOnly","message":"The free tier of the model has been exhausted."}}""" },
        // Anthropic: 400 with its balance
        {
            400,
            """{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."}}"""
        },
    };

    public static TheoryData<int, string, long?> LongPrompts => new()
    {
        // vLLM, xorbitsai/inference#3785 and hiyouga/LlamaFactory#7723
        {
            400,
            """{"object":"error","message":"The decoder prompt (length 9120) is longer than the maximum model length of 4096. Make sure that `max_model_len` is no smaller than the number of text tokens.","type":"BadRequestError","param":null,"code":400}""",
            4096
        },
        {
            500,
            """{"detail":"[address=0.0.0.0:37591, pid=324770] Prompt length of 5016 is longer than the maximum model length of 4096."}""",
            4096
        },
        // vLLM, earendil-works/pi#5929
        {
            400,
            """{"error":{"message":"This model's maximum context length is 262144 tokens. However, you requested 0 output tokens and your prompt contains at least 262145 input tokens, for a total of at least 262145 tokens. Please reduce the length of the input prompt or the number of requested output tokens. (parameter=input_tokens, value=262145)","type":"BadRequestError","param":"input_tokens","code":400}}""",
            262144
        },
        // TGI, huggingface/text-generation-inference#628 and #695
        {
            422, """{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096","error_type":"validation"}""",
            4096
        },
        {
            422, """{"error":"Input validation error: `inputs` must have less than 1024 tokens. Given: 1168","error_type":"validation"}""",
            1024
        },
        // DashScope, QwenLM/Qwen-Agent#615 and agentscope-ai/QwenPaw#6255
        { 400, """{"code":"InvalidParameter","message":"Range of input length should be [1, 30720]","request_id":"1"}""", 30720 },
        {
            400,
            """{"error":{"code":"invalid_parameter_error","message":"<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 983616]","param":null,"type":"invalid_request_error"},"request_id":"1"}""",
            983616
        },
        // Zhipu, zeroclaw-labs/zeroclaw#4124, and Z.ai, foreveryh/claude-code-switch#12
        { 400, """{"error":{"code":"1261","message":"Prompt exceeds max length"}}""", null },
        {
            400,
            """{"type":"error","error":{"message":"API 调用参数有误，请检查文档。Request 182387 input tokens exceeds the model's maximum context length 202750","code":"1210"}}""",
            202750
        },
        // Volcengine, langgenius/dify#32221
        { 400, """{"error":{"code":"InvalidParameter","message":"Input length 203743 exceeds the maximum length 202752"}}""", 202752 },
        // llama.cpp, ggml-org/llama.cpp#15780, #19774
        {
            500,
            """{"error":{"code":500,"message":"the request exceeds the available context size. try increasing the context size or enable context shift","type":"exceed_context_size_error","n_prompt_tokens":1407,"n_ctx":256}}""",
            256
        },
        {
            400,
            """{"error":{"code":400,"message":"request (4390 tokens) exceeds the available context size (4096 tokens), try increasing it","type":"exceed_context_size_error"}}""",
            4096
        },
        { 500, """{"error":{"code":500,"message":"Context size has been exceeded.","type":"server_error"}}""", null },
        // llama-cpp-python, fedora-copr/logdetective-website#193
        {
            400,
            """{"error":{"message":"Requested tokens (2285) exceed context window of 2048","type":"invalid_request_error","code":null}}""",
            2048
        },
        // LM Studio, lmstudio-ai/lmstudio-bug-tracker#546 and Gitlawb/openclaude#353
        {
            400,
            """{"error":"Trying to keep the first 111490 tokens when context the overflows. However, the model is loaded with context length of only 32768 tokens, which is not enough."}""",
            32768
        },
        {
            400,
            """{"error":"The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 13055>= n_ctx: 4096). Try to load the model with a larger context length, or provide a shorter input."}""",
            4096
        },
        // SGLang, QwenLM/Qwen3#1321 and sgl-project/sglang#4048
        {
            400,
            """{"object":"error","message":"The input (61709 tokens) is longer than the model's context length (40960 tokens).","type":"BadRequestError","param":null,"code":400}""",
            40960
        },
        {
            400,
            """{"object":"error","message":"Input length (160062 tokens) exceeds the maximum allowed length (59862 tokens). Use a shorter input or enable --allow-auto-truncate.","code":400}""",
            59862
        },
        // Gemini, google-gemini/gemini-cli#6678
        {
            400,
            """[{"error":{"code":400,"message":"The input token count (1200293) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}]""",
            1048576
        },
        // Kimi, MoonshotAI/kimi-cli#2011
        {
            400,
            """{"error":{"message":"Invalid request: Your request exceeded model token limit: 262144 (requested: 269030)","type":"invalid_request_error"}}""",
            262144
        },
        // MiniMax, MiniMax-AI/MiniMax-M2#119; the number in brackets is its code
        {
            400,
            """{"type":"error","error":{"type":"invalid_request_error","message":"invalid params, context window exceeds limit (2013)"}}""",
            null
        },
        // xAI, cline/cline#3120
        {
            400,
            """{"code":"Client specified an invalid argument","error":"This model's maximum prompt length is 131072 but the request contains 136973 tokens."}""",
            131072
        },
        // Groq, elizaOS/eliza#4040: more than a minute has is never taken; OpenAI the same as 429, vanna-ai/vanna-flask#11
        {
            413,
            """{"error":{"message":"Request too large for model `llama-3.1-8b-instant` in organization `org` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Requested 6294, please reduce your message size and try again.","type":"tokens","code":"rate_limit_exceeded"}}""",
            6000
        },
        {
            429,
            """{"error":{"message":"Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 342389. The input or output tokens must be reduced in order to run successfully.","type":"tokens","code":"rate_limit_exceeded"}}""",
            30000
        },
        // OpenRouter: the words of the server that it asked stand beside its own
        {
            400,
            """{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"object\":\"error\",\"message\":\"Prompt contains 65673 tokens and 0 draft tokens, too large for model with 32768 maximum context length\",\"type\":\"invalid_request_prompt\",\"code\":\"3051\"}","provider_name":"Mistral"}}}""",
            32768
        },
        // Bedrock, openclaw/openclaw#58839
        { 400, """{"message":"Input is too long for requested model."}""", null },
        // nginx
        { 413, "<html><head><title>413 Request Entity Too Large</title></head></html>", null },
        // OpenAI: one message is longer than a text may be
        {
            400,
            """{"error":{"message":"Invalid 'messages[1].content': string too long. Expected a string with maximum length 10485760, but got a string with length 12000000 instead.","type":"invalid_request_error","param":"messages[1].content","code":"string_above_max_length"}}""",
            null
        },
    };

    public static TheoryData<int, string, long?, long> LongReplies => new()
    {
        // vLLM, claude-code-best/claude-code#272
        {
            400,
            """{"object":"error","message":"'max_tokens' or 'max_completion_tokens' is too large: 16384. This model's maximum context length is 8192 tokens and your request has 500 input tokens (16384 > 8192 - 500). None","type":"BadRequestError","param":null,"code":400}""",
            16384, 7692
        },
        // DeepSeek, evalstate/fast-agent#621
        {
            400,
            """{"error":{"message":"This model's maximum context length is 131072 tokens. However, you requested 131134 tokens (122942 in the messages, 8192 in the completion). Please reduce the length of the messages or completion.","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}""",
            8192, 8130
        },
        // DeepSeek, deepseek-ai/DeepSeek-V3#69
        {
            400,
            """{"error":{"message":"Invalid max_tokens value, the valid range of max_tokens is [1, 8192]","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}""",
            16000, 8192
        },
        // OpenAI, ChatGPTNextWeb/NextChat#3195, and the same as another gateway's parameter, AQBot-Desktop/AQBot#93
        {
            400,
            """{"error":{"message":"max_tokens is too large: 8192. This model supports at most 4096 completion tokens, whereas you provided 8192.","type":"invalid_request_error","param":"max_tokens","code":null}}""",
            8192, 4096
        },
        {
            400,
            """{"error":{"message":"Param Incorrect","type":"upstream_error","param":"max_tokens is too large: 1048576. This model supports at most 131072 completion tokens, whereas you provided 1048576.","code":"400"}}""",
            1048576, 131072
        },
        // Groq, anomalyco/opencode#1000 and skapadia3214/groq-moa#8
        {
            400,
            """{"error":{"message":"`max_tokens` must be less than or equal to `16384`, the maximum value for `max_tokens` is less than the `context_window` for this model","type":"invalid_request_error","param":"max_tokens"}}""",
            131072, 16384
        },
        {
            400,
            """{"error":{"message":"max_tokens for `llama-3.1-8b-instant` must be less than or equal to 8000","type":"invalid_request_error"}}""",
            16384, 8000
        },
        // Volcengine, Gitlawb/openclaude#331
        {
            400,
            """{"error":{"code":"InvalidParameter","message":"The parameter `max_completion_tokens` specified in the request are not valid: integer above maximum value, expected a value <= 12288, but got 32000 instead. Request id: 1","param":"max_completion_tokens","type":"BadRequest"}}""",
            32000, 12288
        },
        // Anthropic, anthropics/claude-code#228
        {
            400,
            """{"type":"error","error":{"type":"invalid_request_error","message":"input length and `max_tokens` exceed context limit: 184915 + 20000 > 204648, decrease input length or `max_tokens` and try again"}}""",
            20000, 19733
        },
        {
            400,
            """{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: 100000 > 8192, which is the maximum allowed number of output tokens for claude-3-5-sonnet-20241022"}}""",
            100000, 8192
        },
        // TGI, huggingface/chat-ui#340 and huggingface/transformers#28523
        {
            422,
            """{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 1512. Given: 1000 `inputs` tokens and 1024 `max_new_tokens`","error_type":"validation"}""",
            1024, 512
        },
        { 422, """{"error":"Input validation error: `max_new_tokens` must be <= 192. Given: 200","error_type":"validation"}""", 200, 192 },
        // Bedrock, RooCodeInc/Roo-Code#248
        {
            400,
            """{"message":"The maximum tokens you requested exceed the model limit of 4096. Try again with a maximum tokens value lower than 4096."}""",
            8192, 4096
        },
        // OpenRouter: no sum of two numbers, but of three
        {
            400,
            """{"error":{"message":"This endpoint's maximum context length is 1048576 tokens. However, you requested about 1093741 tokens (1027853 of text input, 353 of tool input, 65535 in the output). Please reduce the length of either one.","code":400}}""",
            65535, 20370
        },
    };

    public static TheoryData<int, string> NoTools => new()
    {
        // Ollama, ollama/ollama#6027 and its own protocol, #14795
        {
            400,
            """{"error":{"message":"registry.ollama.ai/library/gemma3:4b does not support tools","type":"api_error","param":null,"code":null}}"""
        },
        { 400, """{"error":"registry.ollama.ai/library/Qwen3.5:0.8b does not support tools"}""" },
        // vLLM, langchain4j/langchain4j#3475
        {
            400,
            """{"object":"error","message":"\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set","type":"BadRequestError","param":null,"code":400}"""
        },
        // llama.cpp, defilantech/LLMKube#126
        { 500, """{"error":{"code":500,"message":"tools param requires --jinja flag","type":"server_error"}}""" },
        // OpenRouter, mastra-ai/mastra#2839 and zed-industries/zed#36094
        {
            404,
            """{"error":{"message":"No endpoints found that support tool use. To learn more about provider routing, visit: https://openrouter.ai/docs/provider-routing","code":404}}"""
        },
        { 404, """{"error":{"message":"No endpoints found that support the provided 'tool_choice' value.","code":404}}""" },
        // Gemini's Gemma, agno-agi/agno#3505
        {
            400,
            """[{"error":{"code":400,"message":"Function calling is not enabled for models/gemma-3-12b-it","status":"INVALID_ARGUMENT"}}]"""
        },
        // Groq, agno-agi/agno#137; OpenAI's o1-mini, dzhng/deep-research#96
        { 400, """{"error":{"message":"`tools` is not supported with this model","type":"invalid_request_error"}}""" },
        {
            400,
            """{"error":{"message":"tools is not supported in this model. For a list of supported models, refer to https://platform.openai.com/docs/guides/function-calling#models-supporting-function-calling.","type":"invalid_request_error"}}"""
        },
        // DeepSeek's reasoner, HKUDS/AutoAgent#7
        { 400, """{"error":{"message":"deepseek-reasoner does not support Function Calling","type":"invalid_request_error"}}""" },
        // FastAPI with strict models
        {
            422,
            """{"detail":[{"type":"extra_forbidden","loc":["body","tools"],"msg":"Extra inputs are not permitted","input":[{"a":"secret"}]}]}"""
        },
    };

    public static TheoryData<int, string, string> Others => new()
    {
        // DeepSeek, awesome-deepseek-integration#13; Kimi, 666ghj/BettaFish#228; DashScope; Zhipu
        {
            400,
            """{"error":{"message":"Content Exists Risk","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}""",
            "ContentFilter"
        },
        {
            400,
            """{"error":{"code":400,"message":"The request was rejected because it was considered high risk","param":"prompt","type":"content_filter"}}""",
            "ContentFilter"
        },
        {
            400,
            """{"error":{"code":"data_inspection_failed","message":"Input data may contain inappropriate content.","type":"data_inspection_failed"}}""",
            "ContentFilter"
        },
        { 400, """{"contentFilter":[{"level":1}],"error":{"code":"1301","message":"系统检测到输入或生成内容可能包含不安全或敏感内容"}}""", "ContentFilter" },
        // Azure
        {
            400,
            """{"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}""",
            "ContentFilter"
        },
        // Gemini says a wrong key with 400
        {
            400,
            """[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}]""",
            "Auth"
        },
        // Ollama, DeepSeek
        { 404, """{"error":{"message":"model \"qwen9\" not found, try pulling it first","type":"api_error"}}""", "NoModel" },
        {
            400, """{"error":{"message":"Model Not Exist","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}""",
            "NoModel"
        },
        // OpenAI
        {
            400,
            """{"error":{"message":"Your organization must be verified to stream this model.","type":"invalid_request_error","param":"stream","code":"unsupported_value"}}""",
            "NoStreaming"
        },
        { 400, """{"error":{"message":"parse error in the upstream response"}}""", "Unknown" },
        // A tool is refused, not all of them
        {
            400,
            """{"error":{"message":"Invalid schema for function 'look': schema must be a JSON Schema of 'type: \"object\"', got 'type: \"None\"'.","type":"invalid_request_error","param":"tools[0].function.parameters","code":"invalid_function_parameters"}}""",
            "Unknown"
        },
        {
            400,
            """{"error":{"message":"Unsupported parameter: 'parallel_tool_calls' is not supported with this model.","type":"invalid_request_error"}}""",
            "Unknown"
        },
        // Mistral, continuedev/continue#6185; Cerebras, Kiln-AI/Kiln#1500; Gemini, google-gemini/gemini-cli#26633
        {
            429,
            """{"object":"error","message":"Service tier capacity exceeded for this model.","type":"invalid_request_error","param":null,"code":null}""",
            "Overload"
        },
        {
            429,
            """{"message":"We're experiencing high traffic right now! Please try again soon.","type":"too_many_requests_error","param":"queue","code":"queue_exceeded"}""",
            "Overload"
        },
        {
            503, """[{"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}]""",
            "Overload"
        },
        // What people wrote is not what the server says
        {
            422,
            """{"detail":[{"type":"missing","loc":["body","messages",0,"role"],"msg":"Field required","input":{"content":"my insufficient_quota, context_length_exceeded and content_filter"}}]}""",
            "Unknown"
        },
        { 400, "{\"error\":{\"message\":\"a\"},\"error\":17}", "Unknown" },
        { 400, "null", "Unknown" },
        { 500, "", "Overload" },
    };

    [Theory]
    [MemberData(nameof(Rates))]
    public void Refusal_OfAMinutesLimit_IsWaitedFor(int status, string body, string wait)
    {
        var refusal = ServerError.Read(status, body).Refusal;

        Assert.Equal((
            RefusalKind.RateLimit, wait), (refusal.Kind, refusal.Wait?.TotalSeconds.ToString(
                "0.###", System.Globalization.CultureInfo.InvariantCulture) ?? (refusal.IsOfTheMinute ? "minute" : "")));
    }

    [Theory]
    [MemberData(nameof(Quotas))]
    public void Refusal_OfMoneyOrTheDay_IsNot(int status, string body)
        => Assert.Equal(RefusalKind.Quota, ServerError.Read(status, body).Refusal.Kind);

    [Theory]
    [MemberData(nameof(LongPrompts))]
    public void Refusal_OfALongPrompt_SaysTheLimitWhereTheServerDoes(int status, string body, long? limit)
    {
        var refusal = ServerError.Read(status, body).Refusal;

        Assert.Equal((RefusalKind.PromptTooLong, limit), (refusal.Kind, refusal.Tokens?.Limit));
    }

    [Theory]
    [MemberData(nameof(LongReplies))]
    public void Refusal_OfALongReply_SaysWhatFits(int status, string body, long? asked, long fits)
    {
        var refusal = ServerError.Read(status, body).Refusal;

        Assert.Equal((RefusalKind.ReplyTooLong, fits), (refusal.Kind, refusal.Tokens?.RoomForReply(asked)));
    }

    [Theory]
    [MemberData(nameof(NoTools))]
    public void Refusal_OfTools_IsRecognised(int status, string body)
        => Assert.Equal(RefusalKind.NoTools, ServerError.Read(status, body).Refusal.Kind);

    [Theory]
    [MemberData(nameof(Others))]
    public void Refusal_OfAnythingElse_IsWhatItIs(int status, string body, string kind)
        => Assert.Equal(kind, ServerError.Read(status, body).Refusal.Kind.ToString());

    [Fact]
    public void Refusal_WhoseReplyHasNoRoomWorthTheName_IsOfTheConversation() => Assert.Equal(
        RefusalKind.PromptTooLong,
        ServerError.Read(
            400,
            """{"error":{"message":"This model's maximum context length is 4096 tokens. """
                + """However, you requested 5072 tokens (4000 in the messages, 1072 in the completion)."}}""").Refusal.Kind);

    /// <summary>What comes in a stream, or with 200.</summary>
    [Theory]
    [InlineData(
        """{"object":"error","message":"The input (61709 tokens) is longer than the model's context length (40960 tokens).","code":400}""",
        "PromptTooLong")]
    [InlineData("""[{"error":{"code":429,"message":"Please retry in 1.2s.","status":"RESOURCE_EXHAUSTED"}}]""", "RateLimit")]
    [InlineData("""{"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}""", "Quota")]
    [InlineData(
        """{"base_resp":{"status_code":2013,"status_msg":"invalid params, context window exceeds limit (2013)"}}""", "PromptTooLong")]
    [InlineData("""{"error":"overloaded","error_type":"overloaded"}""", "Overload")]
    [InlineData("""{"detail":"Rate limit exceeded"}""", "RateLimit")]
    [InlineData("""{"code":"DataInspectionFailed","message":"Input data may contain inappropriate content."}""", "ContentFilter")]
    [InlineData("""{"choices":[],"base_resp":{"status_code":0,"status_msg":""}}""", null)]
    [InlineData("""{"choices":[{"delta":{"content":"hi"}}],"message":"a remark","code":0}""", null)]
    [InlineData("""{"model":"m","message":{"role":"assistant","content":"hi"},"done":false}""", null)]
    public void Error_ThatCameWith200_IsReadAlike(string chunk, string? kind)
        => Assert.Equal(kind, ServerError.In(System.Text.Json.Nodes.JsonNode.Parse(chunk))?.Refusal.Kind.ToString());
}
