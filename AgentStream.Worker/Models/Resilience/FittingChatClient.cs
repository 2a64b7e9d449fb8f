using System.Runtime.CompilerServices;
using AgentStream.Worker.Models.Pipeline;
using AgentStream.Worker.Models.Wire.Refusals;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Resilience;

/// <summary>
/// Asks again, once for each, with what the model takes: without tools where it takes none,
/// with a shorter reply where the one that was asked for has no room.
/// That it takes no tools, and the longest reply that it ever writes, are remembered for the life of the client, which is one model's.
/// </summary>
/// <param name="innerClient">The model.</param>
/// <param name="model">Its name, for people.</param>
/// <param name="logger">Hears of it.</param>
internal sealed partial class FittingChatClient(IChatClient innerClient, string model, ILogger logger) : DelegatingChatClient(innerClient)
{
    /// <summary>A reply that is shorter is none: then it is the conversation that has to become shorter.</summary>
    private const int LeastReply = 256;

    private volatile bool _takesNoTools;
    private volatile int _longestReply = int.MaxValue;

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var prompt = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        return await AskAsync(
            prompt,
            options,
            async (fitting, chosen, notice) =>
            {
                var response = await base.GetResponseAsync(fitting, chosen, cancellationToken);
                if (notice is not null && response.Messages is [{ } first, ..])
                {
                    first.Contents = [notice, .. first.Contents];
                }

                return response;
            });
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var prompt = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        ModelNotice? notice = null;
        await using var stream = await AskAsync(
            prompt,
            options,
            (fitting, chosen, said) =>
            {
                notice = said;
                return OpenedStream.OpenAsync(base.GetStreamingResponseAsync(fitting, chosen, cancellationToken), cancellationToken);
            });
        if (notice is not null)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, [notice]);
        }

        await foreach (var update in stream.ReadAllAsync())
        {
            yield return update;
        }
    }

    private async Task<T> AskAsync<T>(
        IReadOnlyList<ChatMessage> prompt, ChatOptions? options, Func<IReadOnlyList<ChatMessage>, ChatOptions?, ModelNotice?, Task<T>> ask)
    {
        var (withoutTools, limit) = (_takesNoTools, Shorter(options, _longestReply));
        var triedShorter = false;
        while (true)
        {
            var leavesOut = withoutTools && (options?.Tools is { Count: > 0 } || ToollessPrompt.SpeaksOfTools(prompt));
            try
            {
                return await ask(
                    leavesOut ? ToollessPrompt.Of(prompt) : prompt, Chosen(options, withoutTools, limit),
                    leavesOut && options?.Tools is { Count: > 0 } ? NoTools() : null);
            }
            catch (ModelException refused) when (refused is not ModelStreamBrokenException && refused.Refusal is not null)
            {
                if (!Mend(refused.Refusal))
                {
                    throw;
                }
            }
        }

        bool Mend(Refusal refusal)
        {
            if (refusal.Kind == RefusalKind.NoTools && !withoutTools && options?.Tools is { Count: > 0 })
            {
                LogNoTools(model);
                withoutTools = _takesNoTools = true;
                return true;
            }

            var asked = limit ?? options?.MaxOutputTokens;
            if (!triedShorter && refusal.Tokens?.RoomForReply(asked) is { } room && IsWorthIt(refusal, room, asked))
            {
                LogShorter(model, asked, room);
                triedShorter = true;
                limit = (int)Math.Min(room, int.MaxValue);
                _longestReply = refusal.Tokens.Most is null ? _longestReply : limit.Value;
                return true;
            }

            return false;
        }
    }

    private static bool IsWorthIt(Refusal refusal, long room, long? asked) => refusal.Kind switch
    {
        RefusalKind.ReplyTooLong => room < (asked ?? long.MaxValue),
        // Where a minute's tokens are counted with the reply that was asked for, a shorter one may do.
        RefusalKind.PromptTooLong => asked > room && room >= LeastReply && refusal.Tokens?.Total is not null,
        _ => false,
    };

    private static int? Shorter(ChatOptions? options, int longest) => options?.MaxOutputTokens > longest ? longest : null;

    private static ChatOptions? Chosen(ChatOptions? options, bool withoutTools, int? limit)
    {
        if (!withoutTools && limit is null)
        {
            return options;
        }

        var chosen = options?.Clone() ?? new ChatOptions();
        chosen.MaxOutputTokens = limit ?? chosen.MaxOutputTokens;
        if (withoutTools)
        {
            chosen.Tools = null;
            chosen.ToolMode = null;
            chosen.AllowMultipleToolCalls = null;
        }

        return chosen;
    }

    private ModelNotice NoTools() => new($"The model {model} takes no tools: it answers without them, from what it knows.");

    [LoggerMessage(LogLevel.Warning, "The model {Model} takes no tools: it is asked without them from now on")]
    private partial void LogNoTools(string model);

    [LoggerMessage(LogLevel.Information, "The model {Model} has no room for a reply of {Asked} tokens: it is asked again with {Room}")]
    private partial void LogShorter(string model, long? asked, long room);
}
