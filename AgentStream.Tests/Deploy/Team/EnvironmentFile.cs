using System.Text.RegularExpressions;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Deploy.Team;

/// <summary>The variables of an example's <c>.env</c>, and what compose makes of a text that names them.</summary>
internal sealed partial class EnvironmentFile
{
    private readonly Dictionary<string, string> _values;

    /// <param name="path">Of <c>.env.example</c>.</param>
    /// <param name="filledIn">What its reader fills in; only what it asks for.</param>
    public EnvironmentFile(string path, IReadOnlyDictionary<string, string> filledIn)
    {
        _values = Assignment().Matches(Repository.Read(path))
            .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value, StringComparer.Ordinal);
        Assert.Empty(filledIn.Keys.Except(_values.Keys));
        foreach (var (name, value) in filledIn)
        {
            _values[name] = value;
        }
    }

    public IEnumerable<string> Names => _values.Keys;

    /// <summary>The names of the variables that a text uses.</summary>
    public static IEnumerable<string> UsedIn(string text)
        => Interpolation().Matches(text).Select(match => match.Groups["name"].Value).Distinct();

    /// <summary><c>${NAME}</c>, <c>${NAME:-where it is empty}</c>, <c>${NAME:?why it must not be empty}</c>.</summary>
    public string Interpolate(string text) => Interpolation().Replace(text, match =>
    {
        var (name, kind, rest) = (match.Groups["name"].Value, match.Groups["kind"].Value, match.Groups["rest"].Value);
        if (_values.GetValueOrDefault(name) is { Length: > 0 } value)
        {
            return value;
        }

        Assert.False(kind == "?", $"{name} is not set: {rest}");
        return rest;
    });

    [GeneratedRegex("^([A-Z_]+)=(.*)$", RegexOptions.Multiline)]
    private static partial Regex Assignment();

    [GeneratedRegex(@"\$\{(?<name>\w+)(?::(?<kind>[-?])(?<rest>[^}]*))?\}")]
    private static partial Regex Interpolation();
}
