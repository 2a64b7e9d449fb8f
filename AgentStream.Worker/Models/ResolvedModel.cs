using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models;

/// <summary>A model that can be asked.</summary>
/// <param name="Client">
/// Asks it: retries, streaming fallback and usage are taken care of. Throws <see cref="ModelException"/> and nothing else but cancellation.
/// Shared; don't dispose it.
/// </param>
/// <param name="Provider">The provider's name in telemetry (<c>gen_ai.provider.name</c>): <c>openai</c>, <c>demo</c>, ...</param>
/// <param name="ModelId">The model's own id, as the provider knows it.</param>
/// <param name="DisplayName">
/// What people are shown: <c>gpt-4o-mini</c>, or <c>vllm/qwen3</c> for a provider that isn't the default one.
/// </param>
public sealed record ResolvedModel(IChatClient Client, string Provider, string ModelId, string DisplayName)
{
    /// <summary>Whether it takes images.</summary>
    internal bool SeesImages { get; init; } = ModelSight.SeesImages(ModelId);

    /// <summary>Whether it takes PDF files as they are.</summary>
    internal bool ReadsPdf { get; init; } = ModelSight.ReadsPdf(ModelId);
}
