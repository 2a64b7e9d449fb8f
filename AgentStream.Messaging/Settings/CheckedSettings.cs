using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace AgentStream.Messaging.Settings;

/// <summary>
/// Reads a section into an options class and, where a value is wrong, says in one sentence which setting it is and what it takes.
/// </summary>
internal static class CheckedSettings
{
    /// <param name="options">
    /// Gets the values; what the configuration does not name stays as it is. A <see cref="RangeAttribute"/> on a property is obeyed.
    /// </param>
    /// <param name="configuration">Where the values come from.</param>
    /// <param name="section">The section's full name.</param>
    /// <exception cref="OptionsValidationException">A setting has a value that it does not take.</exception>
    public static void Bind<T>(T options, IConfiguration configuration, string section)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(configuration);
        var failures = new List<string>();
        foreach (var property in typeof(T).GetProperties().Where(property => property.CanWrite))
        {
            var setting = $"{section}:{property.Name}";
            if (configuration[setting] is not { } text)
            {
                continue;
            }

            if (TryConvert(property.PropertyType, text, out var value)
                && property.GetCustomAttribute<RangeAttribute>()?.IsValid(value) != false)
            {
                property.SetValue(options, value);
            }
            else
            {
                failures.Add($"{setting} is '{text}'; it takes {Takes(property)}.");
            }
        }

        if (failures.Count > 0)
        {
            throw new OptionsValidationException(typeof(T).Name, typeof(T), failures);
        }
    }

    private static bool TryConvert(Type type, string text, out object? value)
    {
        try
        {
            value = TypeDescriptor.GetConverter(type).ConvertFromInvariantString(text);
            return true;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            value = null;
            return false;
        }
    }

    private static string Takes(PropertyInfo property)
    {
        var kind = property.PropertyType == typeof(TimeSpan) ? "a time as [days.]hours:minutes:seconds"
            : property.PropertyType == typeof(bool) || property.PropertyType == typeof(bool?) ? "true or false"
            : property.PropertyType == typeof(int) || property.PropertyType == typeof(long) ? "a whole number"
            : property.PropertyType == typeof(decimal) ? "a number"
            : property.PropertyType.IsArray ? "a list: one value each under the numbers 0, 1, 2 and so on"
            : "a value";
        return property.GetCustomAttribute<RangeAttribute>() is { } range
            ? string.Create(CultureInfo.InvariantCulture, $"{kind} from {range.Minimum} to {range.Maximum}")
            : kind;
    }
}
