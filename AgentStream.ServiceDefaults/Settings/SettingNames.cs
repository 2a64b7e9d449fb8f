using System.Reflection;

namespace AgentStream.ServiceDefaults.Settings;

/// <summary>The names of all settings under <c>AgentStream:</c>, of every service: they may share one file of settings.</summary>
internal sealed class SettingNames
{
    /// <summary>The section that is ours alone.</summary>
    public const string Section = "AgentStream";

    // A name that is the operator's to choose.
    private const string Any = "*";
    private const string InFile = "_FILE";

    private static readonly string[][] Known = [.. ReadAll().Select(Split)];

    /// <summary>Tells whether some service reads the setting: by its name, as an item of a list, or from a file.</summary>
    /// <param name="name">Its full name, such as <c>AgentStream:Api:AllowedOrigins:0</c>; case does not matter.</param>
    public static bool Has(string name)
    {
        var segments = Split(WithoutFile(name));
        return Known.Any(known => known.Length <= segments.Length && Fits(known, segments));
    }

    /// <summary>Finds the setting that was probably meant. <c>null</c>: none is near.</summary>
    public static string? Nearest(string name)
    {
        var segments = Split(WithoutFile(name));
        var (best, distance) = Known.Select(known => Filled(known, segments))
            .Select(candidate => (candidate, EditDistance.Between(candidate.ToUpperInvariant(), name.ToUpperInvariant())))
            .MinBy(pair => pair.Item2);
        return distance <= Math.Max(3, name.Length / 4) ? best : null;
    }

    private static bool Fits(string[] known, string[] segments)
        => known.Zip(segments).All(pair => pair.First == Any || pair.First.Equals(pair.Second, StringComparison.OrdinalIgnoreCase));

    private static string Filled(string[] known, string[] segments)
        => string.Join(':', known.Select((segment, at) => segment == Any && at < segments.Length ? segments[at] : segment));

    private static string WithoutFile(string name)
        => name.EndsWith(InFile, StringComparison.OrdinalIgnoreCase) ? name[..^InFile.Length] : name;

    private static string[] Split(string name) => name.Split(':');

    private static string[] ReadAll()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("settings.txt")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
