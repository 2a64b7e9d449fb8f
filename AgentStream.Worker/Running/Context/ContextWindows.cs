using System.Globalization;
using AgentStream.Worker.Models;
using Microsoft.Extensions.Options;

namespace AgentStream.Worker.Running.Context;

/// <summary>
/// The number of tokens that a model takes in at once, question and answer together.
/// Section <c>AgentStream:ContextTokens</c>: a model's name and its size; what is not named there is known or guessed.
/// </summary>
internal sealed class ContextWindows
{
    public const string Section = "AgentStream:ContextTokens";

    /// <summary>For a model that nobody knows: what most of today's models have, and small enough for most local servers.</summary>
    public const int Default = 32_768;

    private const int Smallest = 1_024;
    private const int Largest = 100_000_000;

    // By the beginning of the model's own id. From the providers' model pages, November 2026, rounded down.
    private static readonly (string Prefix, int Tokens)[] Known =
    [
        ("gpt-4.1", 1_000_000),
        ("gpt-4o", 128_000),
        ("gpt-5", 272_000),
        ("o1", 128_000),
        ("o3", 200_000),
        ("o4", 200_000),
        ("claude", 200_000),
        ("gemini", 1_000_000),
        ("demo", 128_000),
        ("scripted", 128_000),
    ];

    private readonly Dictionary<string, int> _configured = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="OptionsValidationException">A size is none.</exception>
    public ContextWindows(IConfiguration configuration)
    {
        // Not children of the section: a model's name may have a colon ("qwen3:8b"), which is the configuration's own separator.
        foreach (var (name, value) in configuration.GetSection(Section).AsEnumerable(makePathsRelative: true))
        {
            if (string.IsNullOrEmpty(value))
            {
                continue;
            }

            _configured[name] = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var tokens)
                && tokens is >= Smallest and <= Largest
                ? tokens
                : throw new OptionsValidationException(
                    Section, typeof(ContextWindows),
                    [$"{Section}:{name} is '{value}'; it takes a whole number from {Smallest} to {Largest}."]);
        }
    }

    /// <summary>
    /// The most precise that is known: the model as people see it, its own id, its provider, what models of that kind have.
    /// </summary>
    public int Of(ResolvedModel model)
    {
        foreach (var name in new[] { model.DisplayName, model.ModelId, model.DisplayName.Split('/')[0], model.Provider })
        {
            if (_configured.TryGetValue(name, out var tokens))
            {
                return tokens;
            }
        }

        // "openai/gpt-4o" of a gateway is the same model as "gpt-4o".
        var id = model.ModelId[(model.ModelId.LastIndexOf('/') + 1)..];
        return Known.FirstOrDefault(known => id.StartsWith(known.Prefix, StringComparison.OrdinalIgnoreCase)) is { Prefix: not null } found
            ? found.Tokens
            : Default;
    }
}
