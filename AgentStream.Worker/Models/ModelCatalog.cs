using AgentStream.Worker.Models.Brought;
using Microsoft.Extensions.Options;

namespace AgentStream.Worker.Models;

/// <summary>Finds the model that an agent or a message asks for.</summary>
public sealed class ModelCatalog : IDisposable
{
    private readonly Dictionary<string, ModelProvider> _providers;
    private readonly string _default;
    private readonly Dictionary<string, string> _withoutKey;

    private readonly TimeProvider _time;

    /// <summary>What is offered is told with each agent.</summary>
    private const int MaxOffered = 100;

    internal ModelCatalog(
        IEnumerable<ModelProvider> providers, string defaultReference, IDictionary<string, string> withoutKey, TimeProvider time)
    {
        _time = time;
        _withoutKey = new Dictionary<string, string>(withoutKey, StringComparer.OrdinalIgnoreCase);
        _providers = providers.ToDictionary(provider => provider.Name, StringComparer.OrdinalIgnoreCase);
        _default = defaultReference;
        foreach (var provider in _providers.Values)
        {
            provider.ToolRefused += () => ToolRefused?.Invoke();
        }
    }

    /// <summary>Raised after a model's server has refused a tool for the first time, on any thread.</summary>
    internal event Action? ToolRefused;

    internal static ModelCatalog Create(
        IOptions<ModelsOptions> options, IEnumerable<IModelProviderFactory> factories, BroughtModels brought, TimeProvider time)
    {
        var byType = factories.ToDictionary(factory => factory.Type, StringComparer.OrdinalIgnoreCase);
        return new ModelCatalog(
            options.Value.Providers.Select(one =>
            {
                var provider = one.Value.Client is null
                    ? byType[one.Value.Type!].Create(one.Key, one.Value)
                    : brought.Create(one.Key, one.Value);
                (provider.SeesImages, provider.ReadsPdf) = (one.Value.SeesImages, one.Value.ReadsPdf);
                var others = one.Value.Offered.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
                provider.Offered = one.Value.IsImplied ? [] : [provider.DefaultModelId, .. provider.TakesOtherModels ? others : []];
                return provider;
            }),
            options.Value.Default!,
            options.Value.WithoutKey,
            time);
    }

    /// <summary>The names that a reference may use.</summary>
    public IReadOnlyCollection<string> Names => _providers.Keys;

    /// <summary>The models that people are offered, by names that a reference may use: the default one first, at most 100.</summary>
    internal IReadOnlyList<string> Offered
    {
        get
        {
            var (name, modelId) = Split(_default);
            var first = _providers[name];
            return
            [
                .. _providers.Values.SelectMany(provider => provider.Offered.Select(id => NameOf(provider, id)))
                    .Prepend(NameOf(first, modelId ?? first.DefaultModelId))
                    .Distinct(StringComparer.Ordinal)
                    .Take(MaxOffered),
            ];
        }
    }

    /// <summary>
    /// Resolves a reference: nothing (the default model), a configured name, <c>name/model-id</c>, or,
    /// where the default provider has many models, any model id of its.
    /// </summary>
    /// <exception cref="ModelException">
    /// <see cref="ModelErrorCode.NotFound"/>: nothing of that name.
    /// <see cref="ModelErrorCode.Auth"/>: a provider that everybody knows, but there is no key for it here.
    /// </exception>
    public ResolvedModel Resolve(string? reference)
    {
        var wanted = string.IsNullOrWhiteSpace(reference) ? _default : reference.Trim();
        if (Find(wanted) is { } found)
        {
            return found;
        }

        var provider = _providers[Split(_default).Name];
        if (!provider.IsRouter && _withoutKey.TryGetValue(Split(wanted).Name, out var variable))
        {
            throw new ModelException(
                ModelErrorCode.Auth,
                $"There is no key for '{wanted}' here. Set {variable} where the worker runs and start it again, or choose another model.");
        }

        return provider.TakesOtherModels
            ? Resolved(provider, wanted)
            : throw new ModelException(
                ModelErrorCode.NotFound,
                $"There is no model '{wanted}' here. Choose one of {string.Join(", ", _providers.Keys.Order(StringComparer.Ordinal))}, or "
                    + $"configure it under {ModelsOptions.Section}.");
    }

    public void Dispose()
    {
        foreach (var provider in _providers.Values)
        {
            provider.Dispose();
        }
    }

    private ResolvedModel? Find(string reference)
    {
        var (name, modelId) = Split(reference);
        if (!_providers.TryGetValue(name, out var provider))
        {
            return null;
        }

        return modelId is null || modelId == provider.DefaultModelId ? Resolved(provider, provider.DefaultModelId)
            : provider.TakesOtherModels ? Resolved(provider, modelId)
            : null;
    }

    private ResolvedModel Resolved(ModelProvider provider, string modelId)
        => new(provider.GetClient(modelId, _time), provider.TelemetryName, modelId, NameOf(provider, modelId))
        {
            SeesImages = provider.SeesImages ?? ModelSight.SeesImages(modelId),
            ReadsPdf = provider.ReadsPdf ?? ModelSight.ReadsPdf(modelId),
        };

    /// <summary>The name under which people see a model.</summary>
    private string NameOf(ModelProvider provider, string modelId)
        => modelId == provider.Name || provider.Name.Equals(Split(_default).Name, StringComparison.OrdinalIgnoreCase)
            ? modelId
            : $"{provider.Name}/{modelId}";

    // Model ids have slashes of their own ("meta-llama/Llama-3"): only the first part can be a name.
    private static (string Name, string? ModelId) Split(string reference)
    {
        var slash = reference.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (reference, null) : (reference[..slash], reference[(slash + 1)..]);
    }
}
