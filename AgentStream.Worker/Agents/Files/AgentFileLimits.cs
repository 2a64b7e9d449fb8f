using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using YamlDotNet.RepresentationModel;

namespace AgentStream.Worker.Agents.Files;

/// <summary>
/// Reads <c>limits</c>: the properties of <see cref="AgentLimits"/> in snake_case; times also as <c>90s</c>, <c>15m</c>, <c>2h</c>.
/// </summary>
internal static class AgentFileLimits
{
    private static readonly Dictionary<string, PropertyInfo> Properties = typeof(AgentLimits).GetProperties()
        .Where(property => property.CanWrite)
        .ToDictionary(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name), StringComparer.Ordinal);

    /// <exception cref="AgentFileException">A limit is none, or has a value that it does not take.</exception>
    public static void Read(AgentLimits limits, YamlNode node)
    {
        if (node is not YamlMappingNode mapping)
        {
            throw new AgentFileException(
                AgentFileReader.Line(node), $"limits takes keys of its own: {string.Join(", ", Properties.Keys)}.");
        }

        foreach (var (key, value) in mapping.Children)
        {
            var name = AgentFileReader.Scalar("limits", key);
            if (!Properties.TryGetValue(name, out var property))
            {
                throw new AgentFileException(
                    AgentFileReader.Line(key), $"'{name}' is no limit; limits takes {string.Join(", ", Properties.Keys)}.");
            }

            var text = AgentFileReader.Scalar($"limits: {name}", value);
            var range = property.GetCustomAttribute<RangeAttribute>();
            if (!TryConvert(property.PropertyType, text, out var converted) || range?.IsValid(converted) == false)
            {
                throw new AgentFileException(
                    AgentFileReader.Line(value), $"{name} is '{text}'; it takes {Takes(property.PropertyType, range)}.");
            }

            property.SetValue(limits, converted);
        }
    }

    private static bool TryConvert(Type type, string text, out object? value)
    {
        try
        {
            value = type == typeof(TimeSpan) && Shorthand(text) is { } time
                ? time
                : TypeDescriptor.GetConverter(type).ConvertFromInvariantString(text.Replace("_", "", StringComparison.Ordinal));
            return true;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            value = null;
            return false;
        }
    }

    // A bare number would be days to TimeSpan, which nobody means.
    private static TimeSpan? Shorthand(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return null;
        }

        var number = double.Parse(
            text.AsSpan(0, Math.Max(0, text.Length - 1)), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        return text[^1] switch
        {
            's' => TimeSpan.FromSeconds(number),
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            _ => throw new FormatException("A number without a unit."),
        };
    }

    private static string Takes(Type type, RangeAttribute? range)
    {
        var kind = type == typeof(TimeSpan) ? "a time (90s, 15m, 2h or hours:minutes:seconds)"
            : type == typeof(bool) ? "true or false"
            : type == typeof(decimal) ? "a number"
            : "a whole number";
        return range is null ? kind : string.Create(CultureInfo.InvariantCulture, $"{kind} from {range.Minimum} to {range.Maximum}");
    }
}
