using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Pipeline;

/// <summary>Estimates the usage of replies whose provider sent none, or only half of it.</summary>
internal sealed class UsageEstimatingChatClient(IChatClient innerClient) : DelegatingChatClient(innerClient)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var prompt = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var response = await base.GetResponseAsync(prompt, options, cancellationToken);
        var output = response.Messages.SelectMany(message => message.Contents).Sum(UsageEstimator.SizeOf);
        if (!IsWhole(response.Usage, output))
        {
            response.Usage = Complete(response.Usage, UsageEstimator.Estimate(prompt, options, output));
        }

        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var prompt = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var isGiven = false;
        UsageDetails? half = null;
        long output = 0;
        await foreach (var update in base.GetStreamingResponseAsync(prompt, options, cancellationToken).WithCancellation(cancellationToken))
        {
            output += update.Contents.Sum(UsageEstimator.SizeOf);
            foreach (var usage in update.Contents.OfType<UsageContent>().ToList())
            {
                isGiven |= IsWhole(usage.Details, output);
                if (!isGiven)
                {
                    half = usage.Details;
                    update.Contents.Remove(usage);
                }
            }

            yield return update;
        }

        if (!isGiven)
        {
            var usage = Complete(half, UsageEstimator.Estimate(prompt, options, output));
            yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(usage)]);
        }
    }

    // Some servers send the fields with zeros in them, and some only one of them. A prompt is never empty.
    private static bool IsWhole(UsageDetails? usage, long output)
        => usage is { InputTokenCount: > 0 } && (usage.OutputTokenCount > 0 || output == 0);

    private static UsageDetails Complete(UsageDetails? half, UsageDetails estimate)
    {
        estimate.InputTokenCount = half is { InputTokenCount: > 0 } ? half.InputTokenCount : estimate.InputTokenCount;
        estimate.OutputTokenCount = half is { OutputTokenCount: > 0 } ? half.OutputTokenCount : estimate.OutputTokenCount;
        estimate.TotalTokenCount = estimate.InputTokenCount + estimate.OutputTokenCount;
        return estimate;
    }
}
