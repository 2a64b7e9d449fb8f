using System.Globalization;
using System.Text.RegularExpressions;

namespace AgentStream.Worker.Models.Wire.Refusals;

/// <summary>The tokens that a refusal speaks of, each where it says them.</summary>
internal sealed record TokenCounts
{
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;

    /// <summary>Prompt and reply together are too much. Both are told apart, or the whole and the reply are.</summary>
    private static readonly Regex[] Sums =
    [
        // vLLM: 'max_tokens' ... is too large: 16384.
        // This model's maximum context length is 8192 tokens and your request has 500 input tokens
        new(@"maximum context length is (?<limit>\d+) tokens and your request has (?<prompt>\d+) input tokens", Options),
        // OpenAI, DeepSeek, vLLM, OpenRouter: ... 131072 tokens.
        // However, you requested 131134 tokens (122942 in the messages, 8192 in the completion)
        new(@"maximum context length is (?<limit>\d+) tokens[.,] (however, )?you requested (about )?(?<total>\d+) tokens "
            + @"\([^)]*?(?<reply>\d+) (in|for) the (completion|output)", Options),
        // vLLM since 0.11: ... you requested 4096 output tokens and your prompt contains at least 262145 input tokens
        new(@"maximum context length is (?<limit>\d+) tokens[.,] however, you requested (?<reply>\d+) output tokens and your prompt "
            + @"contains (at least )?(?<prompt>\d+)", Options),
        // SGLang: ... of 32768 tokens.
        // You requested a total of 34000 tokens: 30000 tokens from the input messages and 4000 tokens for the completion
        new(@"maximum context length of (?<limit>\d+) tokens[.,] you requested a total of (?<total>\d+) tokens: (?<prompt>\d+) tokens from "
            + @"the input messages and (?<reply>\d+)", Options),
        // Anthropic: input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000
        new(@"exceed context limit: (?<prompt>\d+) \+ (?<reply>\d+) > (?<limit>\d+)", Options),
        // TGI: `inputs` tokens + `max_new_tokens` must be <= 1512. Given: 1000 `inputs` tokens and 1024 `max_new_tokens`
        new(@"inputs` tokens \+ `max_new_tokens` must be <= (?<limit>\d+)(\. given: (?<prompt>\d+) `inputs` tokens and (?<reply>\d+) "
            + @"`max_new_tokens`)?", Options),
        // Groq, OpenAI: Request too large for model `x` ... on tokens per minute (TPM): Limit 6000, Requested 14368
        new(@"request too large[^\n]*limit:? (?<limit>\d+), requested:? (?<total>\d+)", Options),
    ];

    /// <summary>The reply alone is more than this model ever writes.</summary>
    private static readonly Regex[] Replies =
    [
        // OpenAI: max_tokens is too large: 6000. This model supports at most 4096 completion tokens
        new(@"supports at most (?<most>\d+) (completion|output) tokens", Options),
        // DeepSeek: the valid range of max_tokens is [1, 8192]; DashScope: Range of max_tokens should be [1, 8192]
        new(@"range of max_(completion_|new_|output_)?tokens (is|should be) \[\d+, ?(?<most>\d+)\]", Options),
        // Anthropic: max_tokens: 100000 > 8192, which is the maximum allowed number of output tokens
        new(@"max_tokens: \d+ > (?<most>\d+), which is the maximum allowed", Options),
        // Groq: `max_tokens` must be less than or equal to `40960`; TGI: `max_new_tokens` must be <= 192
        new(@"max_(completion_|new_|output_)?tokens`?[^\n+]{0,80} must be (less than or equal to|<=|at most) `?(?<most>\d+)", Options),
        // Volcengine, OpenAI: integer above maximum value ... expected a value <= 12288, but got 32000
        new(@"max_(completion_|new_|output_)?tokens[^\n]*expected a value <= (?<most>\d+)", Options),
        // Bedrock: The maximum tokens you requested exceed the model limit of 4096
        new(@"maximum tokens you requested exceeds? the model limit of (?<most>\d+)", Options),
        new(@"max_(completion_|new_|output_)?tokens[^\n]{0,60} (cannot exceed|can't exceed|exceeds? (the )?(maximum|limit|max)[^\d\n]{0,40}"
            + @"|greater than|larger than|more than) (?<most>\d+)", Options),
    ];

    /// <summary>The prompt alone is too much.</summary>
    private static readonly Regex[] Prompts =
    [
        // vLLM: The decoder prompt (length 9120) is longer than the maximum model length of 4096
        new(@"prompt \(length (?<prompt>\d+)\) is longer than the maximum model length of (?<limit>\d+)", Options),
        new(@"prompt length of (?<prompt>\d+) is longer than the maximum model length of (?<limit>\d+)", Options),
        new(@"maximum context length is (?<limit>\d+) tokens[.,] however, (your messages resulted in"
            + @"|you requested( about)?) (?<prompt>\d+) tokens", Options),
        // SGLang: The input (61709 tokens) is longer than the model's context length (40960 tokens)
        new(@"input \((?<prompt>\d+) tokens\) is longer than the model's context length \((?<limit>\d+) tokens\)", Options),
        new(@"input length \((?<prompt>\d+) tokens\) exceeds the maximum allowed length \((?<limit>\d+) tokens\)", Options),
        // Volcengine: Input length 203743 exceeds the maximum length 202752
        new(@"input length (?<prompt>\d+) exceeds the maximum length (?<limit>\d+)", Options),
        // DashScope: Range of input length should be [1, 30720]
        new(@"range of input length should be \[\d+, ?(?<limit>\d+)\]", Options),
        // Anthropic: prompt is too long: 210000 tokens > 200000 maximum
        new(@"prompt is too long: (?<prompt>\d+) tokens > (?<limit>\d+) maximum", Options),
        // Fireworks: The prompt is too long: 38425, model maximum context length: 32767
        new(@"prompt is too long: (?<prompt>\d+), model maximum context length: (?<limit>\d+)", Options),
        // Gemini: The input token count (1200293) exceeds the maximum number of tokens allowed (1048576)
        new(@"input token count \((?<prompt>\d+)\) exceeds the maximum number of tokens allowed \((?<limit>\d+)\)", Options),
        // xAI: This model's maximum prompt length is 131072 but the request contains 136973 tokens
        new(@"maximum prompt length is (?<limit>\d+) but the request contains (?<prompt>\d+) tokens", Options),
        // llama.cpp: request (4390 tokens) exceeds the available context size (4096 tokens), or the two numbers beside the sentence
        new(@"request \((?<prompt>\d+) tokens\) exceeds the available context size \((?<limit>\d+) tokens\)", Options),
        new(@"n_prompt_tokens: (?<prompt>\d+)\nn_ctx: (?<limit>\d+)", Options),
        // llama-cpp-python: Requested tokens (2285) exceed context window of 2048
        new(@"requested tokens \((?<prompt>\d+)\) exceed context window of (?<limit>\d+)", Options),
        // LM Studio: Trying to keep the first 6547 tokens when context the overflows.
        // However, the model is loaded with context length of only 4096 tokens
        new(@"keep the first (?<prompt>\d+) tokens[^\n]*context length of only (?<limit>\d+) tokens", Options),
        new(@"n_keep: (?<prompt>\d+) ?>= n_ctx: (?<limit>\d+)", Options),
        // Kimi: Your request exceeded model token limit: 262144 (requested: 269030)
        new(@"exceeded model token limit: (?<limit>\d+)( \(requested: (?<prompt>\d+)\))?", Options),
        // TGI: `inputs` must have less than 1024 tokens. Given: 1168
        new(@"`inputs` must have less than (?<limit>\d+) tokens\. given: (?<prompt>\d+)", Options),
        // Z.ai: Request 182387 input tokens exceeds the model's maximum context length 202750
        new(@"request (?<prompt>\d+) input tokens exceeds the model's maximum context length (?<limit>\d+)", Options),
        // Cerebras: Current length is 9218 while limit is 8192
        new(@"current length is (?<prompt>\d+) while limit is (?<limit>\d+)", Options),
        // Mistral: Prompt contains 65673 tokens and 0 draft tokens, too large for model with 32768 maximum context length
        new(@"prompt contains (?<prompt>\d+) tokens[^\n]*too large for model with (?<limit>\d+) maximum context length", Options),
        new(@"(maximum (context|prompt|input) length|context (length|window|size))[^\d\n]{0,30} (?<limit>\d+)", Options),
    ];

    /// <summary>The size that fits in: prompt and reply, or the prompt.</summary>
    public long? Limit { get; private init; }

    /// <summary>The size of the prompt, as the server counts.</summary>
    public long? Prompt { get; private init; }

    /// <summary>The size that was asked for as a reply.</summary>
    public long? Reply { get; private init; }

    /// <summary>Prompt and reply together.</summary>
    public long? Total { get; private init; }

    /// <summary>The longest reply that this model ever writes.</summary>
    public long? Most { get; private init; }

    public static TokenCounts? OfSum(string text) => First(Sums, text);

    public static TokenCounts? OfReply(string text) => First(Replies, text);

    public static TokenCounts? OfPrompt(string text) => First(Prompts, text);

    /// <summary>The size of the prompt by what is said, and by what we asked for as a reply.</summary>
    public long? PromptBeside(long? asked) => Prompt ?? (Total - (Reply ?? asked ?? 0));

    /// <summary>
    /// The number of tokens that a reply to the same prompt may have; null: it can't be said, or there is no room for any.
    /// </summary>
    /// <param name="asked">What we asked for, if anything.</param>
    public long? RoomForReply(long? asked) => (Most ?? (Limit - PromptBeside(asked))) is > 0 and var room ? room : null;

    private static TokenCounts? First(Regex[] patterns, string text)
    {
        foreach (var pattern in patterns)
        {
            if (pattern.Match(text) is { Success: true } found)
            {
                return new TokenCounts
                {
                    Limit = Number(found, "limit"),
                    Prompt = Number(found, "prompt"),
                    Reply = Number(found, "reply"),
                    Total = Number(found, "total"),
                    Most = Number(found, "most"),
                };
            }
        }

        return null;
    }

    private static long? Number(Match found, string name) =>
        found.Groups[name] is { Success: true } group
            && long.TryParse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
