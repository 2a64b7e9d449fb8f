using System.Globalization;
using AgentStream.Messaging.Protocol;
using Microsoft.Extensions.Options;

namespace AgentStream.Worker.Models.Pricing;

/// <summary>
/// What models cost: section <c>AgentStream:Prices</c>, a model's name and its <c>Input</c>, <c>Output</c> and <c>Cached</c>.
/// Default: none, and nothing is said of costs.
/// </summary>
internal sealed class ModelPrices
{
    public const string Section = "AgentStream:Prices";

    private static readonly string[] Kinds = ["Input", "Output", "Cached"];
    private readonly Dictionary<string, ModelPrice> _prices = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="OptionsValidationException">A price is none.</exception>
    public ModelPrices(IConfiguration configuration)
    {
        // Not children of the section: a model's name may have a colon ("qwen3:8b"), which is the configuration's own separator.
        foreach (var (path, value) in configuration.GetSection(Section).AsEnumerable(makePathsRelative: true))
        {
            if (!string.IsNullOrEmpty(value))
            {
                Add(path, value);
            }
        }
    }

    /// <summary>What a reply has cost; <c>null</c>: its model has no price.</summary>
    /// <param name="usage">Its tokens, and which model answered, as people see it.</param>
    /// <param name="provider">The provider of the model that was asked, for one that is shown without its provider's name.</param>
    public decimal? Of(TokenUsage usage, string? provider)
        => usage.Model is { } model && (Find(model) ?? Find(model.Split('/')[0]) ?? Find(provider)) is { } price ? price.Of(usage) : null;

    private ModelPrice? Find(string? name) => name is null ? null : _prices.GetValueOrDefault(name);

    private void Add(string path, string value)
    {
        var colon = path.LastIndexOf(':');
        var (name, kind) = colon < 0 ? ("", path) : (path[..colon], path[(colon + 1)..]);
        if (name.Length == 0
            || !Kinds.Contains(kind, StringComparer.OrdinalIgnoreCase)
            || !decimal.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var cost))
        {
            throw new OptionsValidationException(
                Section, typeof(ModelPrices),
                [$"{Section}:{path} is '{value}'; {Section}:MODEL:Input, :Output and :Cached take what a million tokens cost, as 0.15."]);
        }

        var price = _prices.GetValueOrDefault(name) ?? new ModelPrice(0, 0, null);
        _prices[name] = kind.ToUpperInvariant() switch
        {
            "INPUT" => price with { Input = cost },
            "OUTPUT" => price with { Output = cost },
            _ => price with { Cached = cost },
        };
    }
}
