using System.Diagnostics.CodeAnalysis;

namespace AgentStream.Api.Commands;

/// <summary>A value, or why there is none.</summary>
internal readonly record struct Answer<T>(T? Value, Refusal? Refusal)
    where T : class
{
    public static implicit operator Answer<T>(T value) => new(value, null);

    public static implicit operator Answer<T>(Refusal refusal) => new(null, refusal);

    public bool IsRefused([NotNullWhen(true)] out Refusal? refusal, [NotNullWhen(false)] out T? value)
    {
        refusal = Refusal;
        value = Value;
        return refusal is not null;
    }
}
