using System.Text.RegularExpressions;

namespace AgentStream.Worker.Models.Wire.Refusals;

/// <summary>The words of servers, in lower case, as it is found in their documentation and in public reports.</summary>
internal static class RefusalWords
{
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;

    /// <summary>The names under which codes stand.</summary>
    public static readonly string[] CodeNames = ["code", "type", "status_code", "error_type", "error_code", "status", "reason"];

    public static readonly string[] Money =
    [
        "insufficient balance", "insufficient credit", "insufficient fund", "insufficient_credit", "insufficient_balance",
        "credit balance", "more credits", "any credits", "out of credits",
        "available credits", "billing_error", "billing hard limit", "billing_hard_limit", "billing_not_active",
        "check your billing details", "spending limit", "exceeded_current_quota",
        "please recharge", "arrearage", "in good stand", "payment required", "freetieronly", "free tier of the model has been exhausted",
        "free quota", "余额不足", "欠费", "充值",
    ];

    /// <summary>Zhipu's: no balance; the plan's hours used up; the plan is over; MiniMax's: no balance.</summary>
    public static readonly string[] MoneyCodes = ["1113", "1308", "1309", "1008"];

    /// <summary>Says money or the day to some servers, and to others a minute (DashScope has <c>insufficient_quota</c> for both).</summary>
    public static readonly string[] UsedUp =
        ["insufficient_quota", "exceeded your current quota", "usage limit", "quota has been exhausted", "quota exhausted"];

    public static readonly string[] ByTheDay =
    [
        "per day", "per_day", "perday", "per-day", "byday", "(rpd)", "(tpd)", "daily", "per 86400s", "per month", "per_month", "monthly",
        "per week", "weekly", "每日", "今日",
    ];

    /// <summary>
    /// Groq's 429s and 413s say "upgrade ... billing" where a minute's tokens are used up;
    /// Vertex counts its requests per base model by the minute, DashScope its allocated quota.
    /// </summary>
    public static readonly string[] ByTheMinute =
    [
        "per minute", "per_minute", "perminute", "per-min", "per min", "(tpm)", "(rpm)", "per second", "per_second", "persecond",
        "max rpm", "max tpm", "per_base_model", "rate limit of your current",
        "allocated quota exceeded", "#token-limit", "current requests list", "rate increased too quickly", "check quota",
    ];

    public static readonly string[] Throttled =
    [
        "rate limit", "rate_limit", "ratelimit", "throttl", "too many requests", "please wait before trying", "resource_exhausted",
        "resource has been exhausted", "resource exhausted", "并发数过高",
        "速率限制", "请求频率",
    ];

    public static readonly string[] ThrottledCodes = ["1302", "1303", "1305", "1002", "rate_limited", "limit_requests", "limit_burst_rate"];

    /// <summary>429 where it is the server that is full.</summary>
    public static readonly string[] Busy =
        ["overloaded", "capacity", "high traffic", "queue_exceeded", "high demand", "temporarily unavailable"];

    public static readonly string[] PromptTooLong =
    [
        "context_length", "context length", "context window", "context size", "context limit", "maximum context", "maximum prompt length",
        "maximum model length", "maximum input length",
        "exceeds the maximum number of tokens", "number of input tokens", "prompt is too long", "prompt too long", "prompt_too_long",
        "prompt exceeds", "exceeds max length", "input is too long",
        "input too long", "too many tokens", "too many input tokens", "request_too_large", "request too large", "range of input length",
        "input length", "string too long", "model token limit",
        "max input token", "tokens in request more than", "exceeds the model's max", "exceed the model's max", "must have less than",
        "reduce the length of the", "input tokens exceed", "token limit exceeded",
        "too large for model", "current length is", "longer than the model", "exceed_context", "上下文长度", "输入长度", "超过最大长度", "提示词过长",
    ];

    /// <summary>Zhipu's, Mistral's, OpenAI's.</summary>
    public static readonly string[] PromptTooLongCodes =
        ["1261", "3051", "string_above_max_length", "context_length_exceeded", "exceed_context_size_error"];

    /// <summary>413 may be about a picture, or a list.</summary>
    public static readonly string[] NotOfLength = ["image", "audio", "file size", "attachment"];

    public static readonly string[] Content =
    [
        "content_filter", "content filter", "content_policy", "content policy", "content management policy", "content exists risk",
        "responsibleaipolicy", "data_inspection_failed", "datainspectionfailed",
        "inappropriate content", "considered high risk", "potentially violating", "usage policy", "usage policies", "usage guidelines",
        "prohibited_content", "safety system", "was flagged", "requires moderation",
        "sensitive content", "unsafe content", "敏感内容", "不安全", "违规",
    ];

    /// <summary>Zhipu's, and MiniMax's for question and answer.</summary>
    public static readonly string[] ContentCodes = ["1301", "1026", "1027"];

    public static readonly string[] Key =
    [
        "api key not valid", "api_key_invalid", "invalid api key", "invalid_api_key", "incorrect api key", "invalidapikey",
        "api key expired", "missing api key", "authentication_error",
    ];

    public static readonly Regex[] NoTools =
    [
        // Ollama: x does not support tools; DeepSeek: does not support function calling
        new(@"(does not|doesn't|do not|don't|cannot|can't) (currently |yet )?support (the )?(use of )?(`|')?(tool|function)", Options),
        // OpenAI: tools is not supported in this model; Groq: `tool calling` is not supported with this model; Gemini:
        // Function calling is not enabled for models/gemma-3-12b-it
        new(@"(tools?|functions?)( |-|_)?(use|calls?|calling|choice)?(`|'|"")? (parameter )?(is|are) (not|un) ?(currently |yet )?(supported"
            + @"|enabled|available|allowed|implemented)", Options),
        // OpenAI, Azure: Unsupported parameter: 'tools' is not supported with this model; LiteLLM: does not support parameters: ['tools']
        new(@"(unsupported|unknown|unrecognized|unexpected) (parameter|argument|field|request argument supplied)s?:? [\[({]*(`|'|"")?(tools"
            + @"|functions|tool_choice)", Options),
        new(@"not support (the )?parameters?:? [\[({]*(`|'|"")?(tools|functions|tool_choice)", Options),
        // OpenRouter: No endpoints found that support tool use; ... that support the provided 'tool_choice' value
        new(@"no endpoints found that support (tool|function|the provided (`|'|"")?tool)", Options),
        // vLLM: "auto" tool choice requires --enable-auto-tool-choice; llama.cpp: tools param requires --jinja flag
        new(@"tool choice requires|tools param requires|tool-call-parser|enable-auto-tool-choice", Options),
        // FastAPI: {"loc":["body","tools"],"msg":"Extra inputs are not permitted"}
        new(@"loc: body (tools|tool_choice)\n(msg|type): extra", Options),
        new(@"(msg|type): extra[^\n]*\n(type: [^\n]*\n)?loc: body (tools|tool_choice)\n", Options),
        new(@"不支持(工具|函数|function|tool)", Options),
    ];

    public static readonly Regex[] NoStreaming =
    [
        new(@"(^|[^a-z-])stream(ing|s)?(`|'|"")?( mode| parameter| option)? ?(is|are|=|:)? ?(true )?(not|un|dis)( |-)?(support|allow|enabl"
            + @"|abled|available|implement)", Options),
        new(@"(not|n't|un)( |-)?(support|allow|able|enabl)[^\n.]{0,40}[^a-z-]stream(ing)?([^a-z_]|$)", Options),
        // OpenAI: Your organization must be verified to stream this model
        new(@"must be verified to stream|stream(`|'|"")? (must|should) be (set to )?false|set (`|'|"")?stream(`|'|"")? to false", Options),
        new(@"unsupported (parameter|value):? (`|'|"")?stream(`|'|"")", Options),
    ];

    public static readonly Regex[] NoModel =
    [
        new(@"model_not_found|model not found|no such model|unknown model|invalid model|model_not_exist|model not exist|not a valid model"
            + @"|is not a supported model|unsupported model", Options),
        new(@"model[^\n]*(does not exist|not found|is not available|不存在)", Options),
    ];
}
