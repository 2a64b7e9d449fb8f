using System.Reflection;
using AgentStream.Access;
using AgentStream.Api;
using AgentStream.Messaging.Embedded;
using AgentStream.Messaging.Log;
using AgentStream.ServiceDefaults.Proxies;
using AgentStream.Standalone;
using AgentStream.Web;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Hosting;
using AgentStream.Worker.Models;
using AgentStream.Worker.Tools.Mcp;

namespace AgentStream.Tests.Deploy;

/// <summary>Every setting under <c>AgentStream:</c>, as the option classes have it.</summary>
internal static class SettingsCatalog
{
    /// <summary>
    /// Name (<c>AgentStream:Api:MaxBehind</c>; a name that the operator chooses stands as <c>*</c>)
    /// and default, as configuration writes it.
    /// </summary>
    public static IReadOnlyDictionary<string, string> All { get; } = OptionClasses()
    .Concat(
    [
        (ModelsOptions.Section + ":*", new ModelOptions()),
        (AgentsOptions.Section + ":*", new AgentOptions()),
        (AgentsOptions.Section + ":*:Limits", new AgentLimits()),
        (McpOptions.Section + ":*", new McpServerOptions()),
        (McpOptions.Section + ":*:OAuth", new McpOAuthOptions()),
    ])
    .SelectMany(group => Settings(group.Section, group.Options))
    .Append(new(EmbeddedOptions.DataDirectorySetting, new EmbeddedOptions().DataDirectory))
    .Append(new(ModelsOptions.DefaultSetting, ""))
    .ToDictionary(StringComparer.Ordinal);

    /// <summary>The sections of <see cref="All"/>.</summary>
    public static IReadOnlySet<string> Sections { get; } = All.Keys.Select(SectionOf).ToHashSet(StringComparer.Ordinal);

    public static string SectionOf(string name) => name[..name.LastIndexOf(':')];

    /// <summary>Whether some service reads the environment variable.</summary>
    public static bool Knows(string variable)
    {
        var segments = variable.Split("__");
        return All.Keys.Select(name => name.Split(':')).Any(name => Fits(name, segments));
    }

    // Models and agents have names between section and setting; they are added by hand.
    private static IEnumerable<(string Section, object Options)> OptionClasses() =>
        from assembly in new[]
        {
            typeof(AccessOptions),
            typeof(ApiOptions),
            typeof(MessagingOptions),
            typeof(StandaloneOptions),
            typeof(AgentStreamWebOptions),
            typeof(WorkerOptions),
            typeof(ReverseProxyOptions),
        }.Select(type => type.Assembly)
        from type in assembly.GetTypes()
        where type.Name.EndsWith("Options", StringComparison.Ordinal)
            && type != typeof(ModelsOptions)
            && type != typeof(AgentsOptions)
            && type != typeof(McpOptions)
        let section = type.GetField("Section") ?? type.GetField("SectionName")
        where section is { IsLiteral: true }
        select ((string)section.GetRawConstantValue()!, Activator.CreateInstance(type)!);

    // The last segment may be the index of a list.
    private static bool Fits(string[] name, string[] variable) =>
        variable.Length == name.Length + (int.TryParse(variable[^1], out _) ? 1 : 0)
        && name.Zip(variable).All(pair => pair.First == "*" || pair.First == pair.Second);

    private static IEnumerable<KeyValuePair<string, string>> Settings(string section, object options) => options.GetType()
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(
            property => property.PropertyType != typeof(AgentLimits)
                && property.PropertyType != typeof(McpOAuthOptions)
                && $"{section}:{property.Name}" is not $"{EmbeddedOptions.Section}:{nameof(EmbeddedOptions.DataDirectory)}")
        .Select(property => KeyValuePair.Create($"{section}:{property.Name}", Write(property.GetValue(options))));

    private static string Write(object? value) => value switch
    {
        null or System.Collections.IEnumerable and not string => "",
        IFormattable formattable => formattable.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => $"{value}",
    };
}
