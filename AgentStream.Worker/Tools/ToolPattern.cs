using System.IO.Enumeration;

namespace AgentStream.Worker.Tools;

/// <summary>How agents and MCP servers name tools: exactly, or with <c>*</c> for any characters (<c>files_*</c>).</summary>
internal static class ToolPattern
{
    public static bool Fits(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);

    public static bool IsPattern(string text) => text.Contains('*', StringComparison.Ordinal);
}
