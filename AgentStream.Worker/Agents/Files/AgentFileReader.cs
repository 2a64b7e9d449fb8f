using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace AgentStream.Worker.Agents.Files;

/// <summary>Reads an agent file: YAML between two lines of <c>---</c>, and below it the instructions as they are.</summary>
internal static class AgentFileReader
{
    private const string Fence = "---";
    private const int MaxNameLength = 64;
    private const int MaxDepth = 16;

    // YAML takes the star for an alias.
    private const string Quotes = " What begins with * as a pattern stands in quotes: '*'.";

    private static readonly string[] Keys = ["name", "description", "model", "fallback_model", "tools", "delegates", "approvals", "limits"];

    /// <param name="text">The file's text.</param>
    /// <param name="defaultName">The agent's name where the file gives none.</param>
    /// <exception cref="AgentFileException">The text is no agent; says where and why.</exception>
    public static AgentFile Read(string text, string defaultName)
    {
        var lines = text.TrimStart('\uFEFF').ReplaceLineEndings("\n").Split('\n');
        var end = Array.FindIndex(lines, 1, line => line.TrimEnd() == Fence);
        if (lines[0].TrimEnd() != Fence || end < 0)
        {
            throw new AgentFileException(
                1,
                "The file takes a line of '---', then YAML (at least a description), then another line of '---', then the instructions.");
        }

        var instructions = string.Join('\n', lines.Skip(end + 1)).Trim();
        if (instructions.Length == 0)
        {
            throw new AgentFileException(
                end + 1, "There are no instructions below the second '---'; they are what the model is told to be.");
        }

        return new FrontMatter(Parse(lines, end)).ToFile(defaultName, instructions);
    }

    private static YamlMappingNode Parse(string[] lines, int end)
    {
        // An empty line stands in for the first fence, so that YAML counts the lines as the file does.
        var yaml = new StringBuilder("\n").AppendJoin('\n', lines[1..end]).ToString();
        try
        {
            CheckDepth(yaml);
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            return stream.Documents is [{ RootNode: YamlMappingNode root }]
                ? root
                : throw new AgentFileException(
                    2, $"Between the lines of '---' stands no list of keys; it takes {string.Join(", ", Keys)}.");
        }
        catch (YamlException wrong)
        {
            var line = (int)Math.Clamp(wrong.Start.Line, 1, end);
            throw new AgentFileException(
                line,
                $"The YAML can't be read: "
                    + $"{wrong.Message.TrimEnd('.')}.{(lines[line - 1].Contains('*', StringComparison.Ordinal) ? Quotes : "")}");
        }
        catch (Exception wrong)
            when (wrong is InvalidOperationException or ArgumentException or FormatException or IndexOutOfRangeException)
        {
            // The parser has more ways to fail than it admits to (16.3.0: InvalidOperationException for "[a: [").
            throw new AgentFileException("The YAML can't be read.", wrong);
        }
    }

    /// <summary>Readers of the tree do so by recursion, and a stack that overflows takes the process with it.</summary>
    private static void CheckDepth(string yaml)
    {
        var parser = new Parser(new StringReader(yaml));
        for (var depth = 0; parser.MoveNext(); depth += parser.Current!.NestingIncrease)
        {
            if (parser.Current is AnchorAlias alias)
            {
                throw new AgentFileException((int)alias.Start.Line, $"The YAML takes no aliases (*) here; write it out.{Quotes}");
            }

            if (depth > MaxDepth)
            {
                throw new AgentFileException((int)parser.Current!.Start.Line, "The YAML is nested too deeply.");
            }
        }
    }

    private sealed class FrontMatter(YamlMappingNode root)
    {
        private readonly Dictionary<string, int> _lines = [];
        private readonly AgentOptions _options = new();

        public AgentFile ToFile(string defaultName, string instructions)
        {
            _options.Instructions = instructions;
            string? name = null;
            foreach (var (key, value) in root.Children)
            {
                var line = Line(key);
                var text = (key as YamlScalarNode)?.Value ?? "";
                _lines[text] = line;
                switch (text)
                {
                    case "name":
                        name = Scalar(text, value);
                        break;
                    case "description":
                        _options.Description = Scalar(text, value);
                        break;
                    case "model":
                        _options.Model = Scalar(text, value);
                        break;
                    case "fallback_model":
                        _options.FallbackModel = Scalar(text, value);
                        break;
                    case "tools":
                        AddNames(_options.Tools, text, value);
                        break;
                    case "delegates":
                        AddNames(_options.Delegates, text, value);
                        break;
                    case "approvals":
                        AddNames(_options.Approvals, text, value);
                        break;
                    case "limits":
                        AgentFileLimits.Read(_options.Limits, value);
                        break;
                    default:
                        throw new AgentFileException(line, $"'{text}' is no key of an agent file; it takes {string.Join(", ", Keys)}.");
                }
            }

            if (string.IsNullOrWhiteSpace(_options.Description))
            {
                throw new AgentFileException(
                    _lines.GetValueOrDefault("description", 1),
                    "description is missing; it takes a sentence for people who choose an agent.");
            }

            name ??= defaultName;
            return name.Length is > 0 and <= MaxNameLength
                && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_')
                ? new AgentFile(name, _options, _lines)
                : throw new AgentFileException(_lines.GetValueOrDefault(
                    "name",
                    1), $"name is '{name}'; it takes 1 to {MaxNameLength} of A-Z a-z 0-9 _ -, and where the file gives none it is the "
                        + "file's name.");
        }

        private void AddNames(IList<string> names, string key, YamlNode value)
        {
            // `tools: calculator` is a list of one; `tools:` with nothing after it is an empty one.
            var items = value switch
            {
                YamlSequenceNode sequence => sequence.Children,
                YamlScalarNode { Value: null or "" } => [],
                _ => [value],
            };
            foreach (var item in items)
            {
                _lines[$"{key}:{names.Count}"] = Line(item);
                names.Add(Scalar(key, item));
            }
        }
    }

    internal static int Line(YamlNode node) => (int)node.Start.Line;

    internal static string Scalar(string key, YamlNode node) => node is YamlScalarNode { Value: { } text }
        ? text.Trim()
        : throw new AgentFileException(Line(node), $"{key} takes text here, not a list or further keys.");
}
