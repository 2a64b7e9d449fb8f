using System.IO.Enumeration;

namespace AgentStream.Worker.Tools;

/// <summary>The way in which agents and MCP servers name tools: exactly, or with <c>*</c> for any characters (<c>files_*</c>).</summary>
internal static class ToolPattern
{
    public static bool Fits(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);

    /// <summary>Tells whether some name fits both.</summary>
    public static bool CanFitTheSame(string one, string other) => (one, other) switch
    {
        ([], []) => true,
        (['*', .. var rest], _) => CanFitTheSame(rest, other) || (other is [_, .. var shorter] && CanFitTheSame(one, shorter)),
        (_, ['*', ..]) => CanFitTheSame(other, one),
        ([var first, .. var rest], [var second, .. var others]) => first == second && CanFitTheSame(rest, others),
        _ => false,
    };

    public static bool IsPattern(string text) => text.Contains('*', StringComparison.Ordinal);
}
