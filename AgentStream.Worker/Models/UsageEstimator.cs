using System.Text;
using AgentStream.Worker.Tools.Arguments;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models;

/// <summary>
/// Estimates tokens where a provider counts none, and what a prompt will take: by length and script, and a few for each message.
/// Good enough for a budget, and marked as estimated everywhere.
/// </summary>
/// <remarks>
/// Four characters of ASCII to a token, the rule of thumb that providers give for English;
/// two of the other alphabets of Europe and the Near East; one of everything beyond (Chinese, Japanese, Korean, the scripts of India),
/// where a tokenizer seldom has more.
/// </remarks>
public static class UsageEstimator
{
    private const string EstimatedCount = "estimated";
    private const int SizeOfToken = 4;
    private const int TokensPerMessage = 4;

    /// <summary>An image of the usual size, at the rates that providers give. A PDF file has one for each of its pages.</summary>
    private const int TokensOfImage = 1_500;

    /// <summary>Bytes of a PDF file that are taken for a page.</summary>
    private const int BytesOfPage = 50_000;

    /// <summary>Devanagari, the first of the scripts of which a character is a token.</summary>
    private const char FirstOfLargeScripts = '\u0900';

    /// <summary>Tells whether the usage is ours and not the provider's.</summary>
    public static bool IsEstimated(UsageContent usage) => IsEstimated(usage.Details);

    /// <inheritdoc cref="IsEstimated(UsageContent)"/>
    public static bool IsEstimated(UsageDetails usage) => usage.AdditionalCounts?.ContainsKey(EstimatedCount) == true;

    /// <summary>Tokens of a text.</summary>
    public static long CountTokens(string text) => TokensOf(SizeOf(text));

    /// <summary>Tokens of a message in a prompt.</summary>
    public static long CountTokens(ChatMessage message)
        => TokensPerMessage + message.Contents.Sum(content => TokensOf(SizeOf(content) + SizeGivenBack(content)));

    /// <summary>Tokens of a tool's description in a prompt.</summary>
    public static long CountTokens(AIFunctionDeclaration tool) => TokensOf(SizeOf(tool.Description) + SizeOf(tool.JsonSchema.GetRawText()));

    /// <summary>The usage of one reply.</summary>
    /// <param name="messages">The prompt.</param>
    /// <param name="options">Its tools are part of the prompt too.</param>
    /// <param name="outputSize">The size of what the model wrote, thoughts and arguments included.</param>
    public static UsageDetails Estimate(IEnumerable<ChatMessage> messages, ChatOptions? options, long outputSize)
    {
        var input = messages.Sum(CountTokens) + (options?.Tools ?? []).OfType<AIFunctionDeclaration>().Sum(CountTokens);
        var output = TokensOf(outputSize);
        return new UsageDetails
        {
            InputTokenCount = input,
            OutputTokenCount = output,
            TotalTokenCount = input + output,
            AdditionalCounts = new() { [EstimatedCount] = 1 },
        };
    }

    /// <summary>The size of this content, in quarters of a token: the pieces of a reply add up without each being rounded.</summary>
    public static long SizeOf(AIContent content) => content switch
    {
        TextContent text => SizeOf(text.Text),
        TextReasoningContent reasoning => SizeOf(reasoning.Text),
        FunctionCallContent call => SizeOf(call.Name) + SizeOf(ToolCallText.ArgumentsOf(call)),
        FunctionResultContent result => SizeOf(result.Result?.ToString() ?? ""),
        DataContent data when data.HasTopLevelMediaType("image") => TokensOfImage * SizeOfToken,
        DataContent data => (1 + (data.Data.Length / BytesOfPage)) * (long)TokensOfImage * SizeOfToken,
        _ => 0,
    };

    /// <summary>The size of a text, in quarters of a token.</summary>
    public static long SizeOf(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text.Length;
        }

        var size = 0L;
        foreach (var character in text)
        {
            size += char.IsAscii(character) ? 1 : character < FirstOfLargeScripts ? 2 : SizeOfToken;
        }

        return size;
    }

    // What a model gets back of its thoughts; of a reply they count as the text that they are beside.
    private static long SizeGivenBack(AIContent content) => content is TextReasoningContent { ProtectedData: { } data } ? SizeOf(data) : 0;

    private static long TokensOf(long size) => (size + SizeOfToken - 1) / SizeOfToken;
}
