using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using AgentStream.Worker.Models.Pipeline;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Resilience;

/// <summary>Asks again without the tools that the model's server refuses by name or place: one schema that it does not take would cost the
/// agent all its tools.</summary>
/// <remarks>Remembered for the life of the client, which is one model's, and for a tool as it is: one whose schema changes is tried
/// again.</remarks>
/// <param name="innerClient">The model.</param>
/// <param name="model">Its name, for people.</param>
/// <param name="logger">Hears of it.</param>
internal sealed partial class RefusedToolChatClient(IChatClient innerClient, string model, ILogger logger)
    : DelegatingChatClient(innerClient)
{
    // Servers name one at a time.
    private const int MaxAttempts = 16;

    private readonly ConcurrentDictionary<(string Name, string Schema), bool> _refused = [];

    /// <summary>Raised after a tool was refused for the first time, on any thread.</summary>
    public event Action? Refused;

    /// <summary>Tells whether the server has refused this tool as it is.</summary>
    public bool HasRefused(AIFunctionDeclaration tool) => !_refused.IsEmpty && _refused.ContainsKey(KeyOf(tool));

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var prompt = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        return await AskAsync(
            options,
            async (chosen, notice) =>
            {
                var response = await base.GetResponseAsync(prompt, chosen, cancellationToken);
                if (notice is not null && response.Messages is [{ } first, ..])
                {
                    first.Contents = [notice, .. first.Contents];
                }

                return response;
            });
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken =
            default)
    {
        var prompt = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        ModelNotice? notice = null;
        await using var stream = await AskAsync(
            options,
            (chosen, said) =>
            {
                notice = said;
                return OpenedStream.OpenAsync(base.GetStreamingResponseAsync(prompt, chosen, cancellationToken), cancellationToken);
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

    private async Task<T> AskAsync<T>(ChatOptions? options, Func<ChatOptions?, ModelNotice?, Task<T>> ask)
    {
        for (var attempt = 1; ; attempt++)
        {
            var chosen = Without(options, out var leftOut);
            try
            {
                return await ask(chosen, leftOut.Count > 0 ? Notice(leftOut) : null);
            }
            catch (ModelException refused) when (attempt < MaxAttempts && Learn(refused, chosen))
            {
                // Asked again without them.
            }
        }
    }

    private ChatOptions? Without(ChatOptions? options, out List<string> leftOut)
    {
        leftOut = _refused.IsEmpty ? []
            : [.. options?.Tools?.OfType<AIFunctionDeclaration>().Where(HasRefused).Select(tool => tool.Name) ?? []];
        if (leftOut.Count == 0)
        {
            return options;
        }

        var chosen = options!.Clone();
        chosen.Tools = [.. options.Tools!.Where(tool => tool is not AIFunctionDeclaration declaration || !HasRefused(declaration))];
        if (chosen.Tools.Count == 0)
        {
            (chosen.Tools, chosen.ToolMode, chosen.AllowMultipleToolCalls) = (null, null, null);
        }

        return chosen;
    }

    /// <summary>Tells whether the refusal names tools that were asked with.</summary>
    private bool Learn(ModelException exception, ChatOptions? asked)
    {
        if (exception is ModelStreamBrokenException || exception.Refusal is not { Tools: { } mention }
            || asked?.Tools is not { Count: > 0 } tools)
        {
            return false;
        }

        List<AIFunctionDeclaration> named = [.. tools.Where((tool, place) => mention.Places.Contains(place)
            || mention.Names.Contains(tool.Name, StringComparer.OrdinalIgnoreCase)).OfType<AIFunctionDeclaration>()];
        foreach (var tool in named)
        {
            _refused[KeyOf(tool)] = true;
            LogRefused(model, tool.Name);
        }

        if (named.Count > 0)
        {
            Refused?.Invoke();
        }

        return named.Count > 0;
    }

    private static (string Name, string Schema) KeyOf(AIFunctionDeclaration tool) => (tool.Name, tool.JsonSchema.GetRawText());

    private ModelNotice Notice(List<string> tools) => new(tools.Count == 1
        ? $"The server of the model {model} refuses the tool {tools[0]}: it answers without it."
        : $"The server of the model {model} refuses the tools {string.Join(", ", tools)}: it answers without them.");

    [LoggerMessage(LogLevel.Warning, "The server of the model {Model} refuses the tool {Tool}, which is left out from now on")]
    private partial void LogRefused(string model, string tool);
}
