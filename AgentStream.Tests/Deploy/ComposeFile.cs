using System.Text.RegularExpressions;
using AgentStream.Tests.Support;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace AgentStream.Tests.Deploy;

/// <summary>What stands in deploy/: the compose file with its anchors merged, the Dockerfile by stages.</summary>
internal sealed partial class ComposeFile
{
    private readonly Dictionary<string, object> _root;

    public ComposeFile()
    {
        Text = Repository.Read("deploy/compose.yaml");
        var parser = new MergingParser(new Parser(new StringReader(Text)));
        _root = new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(parser);
        Stages = Stage()
            .Matches(Repository.Read("deploy/Dockerfile"))
            .ToDictionary(match => match.Groups["name"].Value, match => match.Groups["body"].Value, StringComparer.Ordinal);
    }

    public string Text { get; }

    /// <summary>The Dockerfile's stages by name, without their FROM line.</summary>
    public IReadOnlyDictionary<string, string> Stages { get; }

    public IEnumerable<string> ServiceNames => Map(_root["services"]).Keys;

    /// <summary>The services that are built from this repository.</summary>
    public IEnumerable<string> OwnServices => ServiceNames.Where(name => Service(name).ContainsKey("build"));

    public Dictionary<string, object> Service(string name) => Map(Map(_root["services"])[name]);

    public string Target(string service) => (string)Map(Service(service)["build"])["target"];

    public IReadOnlyDictionary<string, string> EnvironmentOf(string service) =>
        Map(Service(service)["environment"]).ToDictionary(pair => pair.Key, pair => (string)pair.Value);

    public IReadOnlyList<string> List(string service, string key) =>
        Service(service).TryGetValue(key, out var list) ? [.. ((List<object>)list).Cast<string>()] : [];

    /// <summary>The ports that the image's program listens on.</summary>
    public string[] ImagePorts(string service) => HttpPorts().Match(Stages[Target(service)]).Groups[1].Value.Split(';');

    public static Dictionary<string, object> Map(object node) =>
        ((Dictionary<object, object>)node).ToDictionary(pair => (string)pair.Key, pair => pair.Value, StringComparer.Ordinal);

    [GeneratedRegex(@"^FROM .* AS (?<name>\S+)\n(?<body>(?:(?!FROM ).*\n)*)", RegexOptions.Multiline)]
    private static partial Regex Stage();

    [GeneratedRegex("^ENV ASPNETCORE_HTTP_PORTS=\"?([0-9;]+)", RegexOptions.Multiline)]
    private static partial Regex HttpPorts();
}
