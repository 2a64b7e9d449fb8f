using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Pipeline;

/// <summary>Tells what counts as a part of a reply: something that a person would have seen or a tool would have got.</summary>
internal static class ReplyContent
{
    public static bool HasContent(this ChatResponseUpdate update) => update.Contents.Any(IsContent);

    private static bool IsContent(AIContent content) => content switch
    {
        TextContent text => text.Text.Length > 0,
        TextReasoningContent reasoning => reasoning.Text.Length > 0,
        UsageContent or ModelNotice => false,
        _ => true,
    };
}
