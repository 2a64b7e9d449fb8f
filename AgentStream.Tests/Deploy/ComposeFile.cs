using System.Text.RegularExpressions;
using AgentStream.Tests.Support;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace AgentStream.Tests.Deploy;

/// <summary>What stands in deploy/: a compose file, merged over the one that it changes, and the Dockerfile by stages.</summary>
internal sealed partial class ComposeFile
{
    public ComposeFile(string path = "deploy/compose.yaml")
    {
        Path = path;
        Text = Repository.Read(path);
        var root = Read(Text);

        // One without a name is given after another with -f, whose values it replaces.
        Root = root.ContainsKey("name") ? root : Over(Read(Repository.Read("deploy/compose.yaml")), root);
        Stages = Stage()
            .Matches(Repository.Read("deploy/Dockerfile"))
            .ToDictionary(match => match.Groups["name"].Value, match => match.Groups["body"].Value, StringComparer.Ordinal);
    }

    /// <summary>The paths of all compose files of the repository.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Directory
        .GetFiles(System.IO.Path.Combine(Repository.Root, "deploy"), "*.y*ml", SearchOption.AllDirectories)
        .Where(file => File.ReadLines(file).Contains("services:"))
        .Select(file => System.IO.Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
        .Order(StringComparer.Ordinal)];

    public string Path { get; }

    public string Text { get; }

    public IReadOnlyDictionary<string, object> Root { get; }

    /// <summary>The Dockerfile's stages by name, without their FROM line.</summary>
    public IReadOnlyDictionary<string, string> Stages { get; }

    public IEnumerable<string> ServiceNames => Map(Root["services"]).Keys;

    /// <summary>The services that are built from this repository.</summary>
    public IEnumerable<string> OwnServices => ServiceNames.Where(name => Service(name).ContainsKey("build"));

    public Dictionary<string, object> Service(string name) => Map(Map(Root["services"])[name]);

    public string Target(string service) => (string)Map(Service(service)["build"])["target"];

    public IReadOnlyDictionary<string, string> EnvironmentOf(string service) =>
        Map(Service(service)["environment"]).ToDictionary(pair => pair.Key, pair => (string)pair.Value);

    public IReadOnlyList<string> List(string service, string key) =>
        Service(service).TryGetValue(key, out var list) ? [.. ((List<object>)list).Cast<string>()] : [];

    /// <summary>The ports that the image's program listens on.</summary>
    public string[] ImagePorts(string service) => HttpPorts().Match(Stages[Target(service)]).Groups[1].Value.Split(';');

    public static Dictionary<string, object> Map(object node) =>
        ((Dictionary<object, object>)node).ToDictionary(pair => (string)pair.Key, pair => pair.Value, StringComparer.Ordinal);

    private static Dictionary<string, object> Read(string text)
        => new DeserializerBuilder().Build()
            .Deserialize<Dictionary<string, object>>(new MergingParser(new Parser(new StringReader(text))));

    private static Dictionary<string, object> Over(Dictionary<string, object> below, Dictionary<string, object> above)
    {
        var merged = new Dictionary<string, object>(below, StringComparer.Ordinal);
        foreach (var (key, value) in above)
        {
            merged[key] = value is Dictionary<object, object> map && below.GetValueOrDefault(key) is Dictionary<object, object> under
                ? Over(Map(under), Map(map)).ToDictionary(pair => (object)pair.Key, pair => pair.Value)
                : value;
        }

        return merged;
    }

    [GeneratedRegex(@"^FROM .* AS (?<name>\S+)\n(?<body>(?:(?!FROM ).*\n)*)", RegexOptions.Multiline)]
    private static partial Regex Stage();

    [GeneratedRegex("^ENV ASPNETCORE_HTTP_PORTS=\"?([0-9;]+)", RegexOptions.Multiline)]
    private static partial Regex HttpPorts();
}
