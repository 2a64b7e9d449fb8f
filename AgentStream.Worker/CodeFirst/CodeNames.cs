using AgentStream.Worker.Running.Delegation;
using AgentStream.Worker.Tools.Calculator;
using AgentStream.Worker.Tools.Documents;
using AgentStream.Worker.Tools.Notes;
using AgentStream.Worker.Tools.Time;
using AgentStream.Worker.Tools.Web;

namespace AgentStream.Worker.CodeFirst;

/// <summary>Refuses names that a program can't give, where it gives them: with a sentence, and at the line that is wrong.</summary>
internal sealed class CodeNames
{
    private const int MaxLength = 64;

    /// <summary>The tools that every worker has, or has once they are configured.</summary>
    public static readonly IReadOnlyList<string> Reserved =
    [
        CalculatorTool.Name, CurrentTimeTool.Name, NoteTools.SaveNoteName, NoteTools.ListNotesName, FetchUrlTool.Name,
        SearchDocumentsTool.Name, DelegateTool.Name,
    ];

    private readonly HashSet<string> _tools = new(StringComparer.Ordinal);
    private readonly HashSet<string> _agents = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _models = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="ArgumentException">The name is none, or is taken.</exception>
    public void TakeTool(string name)
    {
        if (!IsName(name) || char.IsAsciiDigit(name[0]) || name[0] == '-')
        {
            throw new ArgumentException(
                $"A tool can't be called '{name}'; its name takes 1 to {MaxLength} of A-Z a-z 0-9 _ -, the first a letter or _.",
                nameof(name));
        }

        if (Reserved.Contains(name))
        {
            throw new ArgumentException($"A tool can't be called '{name}', which is a tool of every worker; give it another name.",
                nameof(name));
        }

        Take(_tools, name, "tools");
    }

    /// <exception cref="ArgumentException">The name is none, or is taken.</exception>
    public void TakeAgent(string name) => TakeNamed(_agents, name, "An agent", "agents");

    /// <exception cref="ArgumentException">The name is none, or is taken.</exception>
    public void TakeModel(string name) => TakeNamed(_models, name, "A model", "models");

    private static void TakeNamed(HashSet<string> taken, string name, string what, string several)
    {
        if (!IsName(name))
        {
            throw new ArgumentException(
                $"{what} can't be called '{name}'; its name takes 1 to {MaxLength} of A-Z a-z 0-9 _ -.", nameof(name));
        }

        Take(taken, name, several);
    }

    private static void Take(HashSet<string> taken, string name, string several)
    {
        if (!taken.Add(name))
        {
            throw new ArgumentException($"Two {several} are called '{name}'; give each a name of its own.", nameof(name));
        }
    }

    private static bool IsName(string name)
        => name.Length is > 0 and <= MaxLength
            && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_');
}
