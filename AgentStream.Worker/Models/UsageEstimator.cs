using AgentStream.Worker.Tools;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models;

/// <summary>Estimates tokens where a provider counts none: four characters to a token, and a few for each message. Good enough for a budget, and marked as estimated everywhere.</summary>
public static class UsageEstimator
{
    private const string EstimatedCount = "estimated";
    private const int CharactersPerToken = 4;
    private const int TokensPerMessage = 4;

    /// <summary>Whether the usage is ours and not the provider's.</summary>
    public static bool IsEstimated(UsageContent usage) => IsEstimated(usage.Details);

    /// <inheritdoc cref="IsEstimated(UsageContent)"/>
    public static bool IsEstimated(UsageDetails usage) => usage.AdditionalCounts?.ContainsKey(EstimatedCount) == true;

    /// <summary>Tokens of a text.</summary>
    public static long CountTokens(string text) => TokensOf(text.Length);

    /// <summary>The usage of one reply.</summary>
    /// <param name="messages">The prompt.</param>
    /// <param name="options">Its tools are part of the prompt too.</param>
    /// <param name="outputCharacters">Characters that the model wrote, thoughts and arguments included.</param>
    public static UsageDetails Estimate(IEnumerable<ChatMessage> messages, ChatOptions? options, long outputCharacters)
    {
        var input = messages.Sum(message => TokensPerMessage + message.Contents.Sum(content => TokensOf(CharactersOf(content))))
            + (options?.Tools ?? []).OfType<AIFunctionDeclaration>().Sum(tool => TokensOf(tool.Description.Length + tool.JsonSchema.GetRawText().Length));
        var output = TokensOf(outputCharacters);
        return new UsageDetails
        {
            InputTokenCount = input,
            OutputTokenCount = output,
            TotalTokenCount = input + output,
            AdditionalCounts = new() { [EstimatedCount] = 1 },
        };
    }

    /// <summary>Characters that a model reads or writes as this content.</summary>
    public static long CharactersOf(AIContent content) => content switch
    {
        TextContent text => text.Text.Length,
        TextReasoningContent reasoning => reasoning.Text.Length,
        FunctionCallContent call => call.Name.Length + ToolCallText.ArgumentsOf(call).Length,
        FunctionResultContent result => result.Result?.ToString()?.Length ?? 0,
        _ => 0,
    };

    private static long TokensOf(long characters) => (characters + CharactersPerToken - 1) / CharactersPerToken;
}
