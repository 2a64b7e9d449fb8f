using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Pipeline;

/// <summary>Adds an estimated usage to replies whose provider sent none.</summary>
internal sealed class UsageEstimatingChatClient(IChatClient innerClient) : DelegatingChatClient(innerClient)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var prompt = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var response = await base.GetResponseAsync(prompt, options, cancellationToken);
        if (!IsGiven(response.Usage))
        {
            var output = response.Messages.SelectMany(message => message.Contents).Sum(UsageEstimator.SizeOf);
            response.Usage = UsageEstimator.Estimate(prompt, options, output);
        }

        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var prompt = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var isGiven = false;
        long output = 0;
        await foreach (var update in base.GetStreamingResponseAsync(prompt, options, cancellationToken).WithCancellation(cancellationToken))
        {
            isGiven |= update.Contents.OfType<UsageContent>().Any(usage => IsGiven(usage.Details));
            output += update.Contents.Sum(UsageEstimator.SizeOf);
            yield return update;
        }

        if (!isGiven)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(UsageEstimator.Estimate(prompt, options, output))]);
        }
    }

    // Some servers send the fields with zeros in them.
    private static bool IsGiven(UsageDetails? usage) => usage is { InputTokenCount: > 0 } or { OutputTokenCount: > 0 };
}
