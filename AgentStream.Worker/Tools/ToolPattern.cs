using System.IO.Enumeration;

namespace AgentStream.Worker.Tools;

/// <summary>The way in which agents and MCP servers name tools: exactly, or with <c>*</c> for any characters (<c>files_*</c>).</summary>
internal static class ToolPattern
{
    public static bool Fits(string pattern, string name) =>
        FileSystemName.MatchesSimpleExpression(Callable(pattern), Callable(name), ignoreCase: false);

    /// <summary>Tells whether some name fits both.</summary>
    public static bool CanFitTheSame(string one, string other) => CanMeet(Callable(one), Callable(other));

    /// <summary>The name by which models call what is written so: there are providers that take none with a digit or '-' at its
    /// beginning.</summary>
    public static string Callable(string nameOrPattern) =>
        nameOrPattern is [(>= '0' and <= '9') or '-', ..] ? "_" + nameOrPattern : nameOrPattern;

    public static bool IsPattern(string text) => text.Contains('*', StringComparison.Ordinal);

    private static bool CanMeet(string one, string other) => (one, other) switch
    {
        ([], []) => true,
        (['*', .. var rest], _) => CanMeet(rest, other) || (other is [_, .. var shorter] && CanMeet(one, shorter)),
        (_, ['*', ..]) => CanMeet(other, one),
        ([var first, .. var rest], [var second, .. var others]) => first == second && CanMeet(rest, others),
        _ => false,
    };
}
