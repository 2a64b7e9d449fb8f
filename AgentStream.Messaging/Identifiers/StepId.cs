using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using AgentStream.Messaging.Json;

namespace AgentStream.Messaging;

/// <summary>Names one step of a run and ties its deltas to it. Never used again, also by a later attempt of the run.</summary>
/// <remarks>1 to 128 of A-Z a-z 0-9 _ - An identifier from the wire is a key to look something up, never a permission.</remarks>
[JsonConverter(typeof(ParsableStringConverter<StepId>))]
public readonly record struct StepId : IParsable<StepId>
{
    private readonly string? _value;

    private StepId(string value) => _value = value;

    /// <summary>The identifier as it stands on the wire; empty for <c>default</c>.</summary>
    public string Value => _value ?? "";

    /// <summary>
    /// Makes the identifier of the <paramref name="number"/>th step that the <paramref name="claim"/>th claim
    /// of <paramref name="run"/> began.
    /// </summary>
    /// <remarks>The claim is part of it: a worker cannot know how far a lost one had counted.</remarks>
    public static StepId Create(RunId run, int claim, int number) => new($"{run}-{claim}-{number}");

    /// <inheritdoc />
    public static StepId Parse(string s, IFormatProvider? provider = null)
        => TryParse(s, provider, out var result)
            ? result
            : throw new FormatException($"'{s}' is not a StepId: 1 to 128 of A-Z a-z 0-9 _ -");

    /// <inheritdoc />
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out StepId result)
    {
        var valid = IdentifierRules.IsToken(s);
        result = valid ? new(s!) : default;
        return valid;
    }

    /// <inheritdoc cref="TryParse(string?, IFormatProvider?, out StepId)" />
    public static bool TryParse([NotNullWhen(true)] string? s, out StepId result) => TryParse(s, null, out result);

    /// <inheritdoc />
    public override string ToString() => Value;
}
