using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Telemetry;

/// <summary>One span and one set of measurements for each reply of a model, retries included.</summary>
/// <param name="innerClient">The model.</param>
/// <param name="provider">Whose it is (<c>gen_ai.provider.name</c>).</param>
/// <param name="modelId">What its provider calls it.</param>
/// <param name="address">Where its server is; <c>null</c>: it answers inside this process.</param>
/// <param name="time">The clock.</param>
internal sealed class TelemetryChatClient(IChatClient innerClient, string provider, string modelId, Uri? address, TimeProvider time)
    : DelegatingChatClient(innerClient)
{
    private readonly TagList _labels = Labels(provider, address);

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var prompt = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var reply = new ReplyMeasure(time, modelId, _labels);
        using var activity = Start(prompt, options, streams: false);
        try
        {
            var response = await base.GetResponseAsync(prompt, options, cancellationToken);
            foreach (var update in response.ToChatResponseUpdates())
            {
                reply.Take(update);
            }

            reply.End(activity, null);
            return response;
        }
        catch (Exception exception)
        {
            reply.End(activity, exception);
            throw;
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var prompt = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var caller = Activity.Current;
        var reply = new ReplyMeasure(time, modelId, _labels);
        using var activity = Start(prompt, options, streams: true);
        var ended = false;
        try
        {
            await using var updates = base.GetStreamingResponseAsync(prompt, options, cancellationToken)
                .GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                try
                {
                    // Whoever asks for the next update does so from outside this span; the request to the provider belongs beneath it.
                    Activity.Current = activity ?? caller;
                    if (!await updates.MoveNextAsync())
                    {
                        break;
                    }
                }
                catch (Exception exception)
                {
                    ended = true;
                    reply.End(activity, exception);
                    throw;
                }

                reply.Chunk(updates.Current);
                Activity.Current = caller;
                yield return updates.Current;
            }

            ended = true;
            reply.End(activity, null);
        }
        finally
        {
            if (!ended)
            {
                // Nobody wants the rest: a limit was reached, or the run was cancelled.
                reply.End(activity, new OperationCanceledException());
            }

            Activity.Current = caller;
        }
    }

    /// <summary>Says whose the model is where its own client does not.</summary>
    public override object? GetService(Type serviceType, object? serviceKey = null)
        => base.GetService(serviceType, serviceKey) is { } known ? known
            : serviceKey is null && serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata(provider, address, modelId)
            : null;

    private static TagList Labels(string provider, Uri? address)
    {
        TagList labels = [new("gen_ai.operation.name", "chat"), new("gen_ai.provider.name", provider)];
        if (address is not null)
        {
            labels.Add("server.address", address.Host);
            labels.Add("server.port", address.Port);
        }

        return labels;
    }

    private Activity? Start(IReadOnlyList<ChatMessage> prompt, ChatOptions? options, bool streams)
    {
        var conversation = Activity.Current?.GetTagItem("gen_ai.conversation.id");
        // Samplers see what is there from the start.
        var activity = WorkerTelemetry.StartChat(modelId, [.. _labels, new("gen_ai.request.model", modelId)]);
        if (activity is not { IsAllDataRequested: true })
        {
            return activity;
        }

        activity.SetTag("gen_ai.conversation.id", conversation);
        activity.SetTag("gen_ai.request.stream", streams ? true : null);
        activity.SetTag("gen_ai.request.temperature", options?.Temperature);
        activity.SetTag("gen_ai.request.max_tokens", options?.MaxOutputTokens);
        activity.SetTag(
            "gen_ai.output.type", options?.ResponseFormat is { } format ? format is ChatResponseFormatJson ? "json" : "text" : null);
        if (WorkerTelemetry.CapturesContent)
        {
            GenAIContent.SetInput(activity, prompt, options);
        }

        return activity;
    }
}
