namespace AgentStream.Access.Records;

/// <summary>The text of API keys: <c>ask_</c>, by which scanners find one that has got somewhere, and 32 random bytes.</summary>
internal static class ApiKeyText
{
    private const string Prefix = "ask_";

    public static string New() => Prefix + RandomText.New();

    public static bool Looks(string text) => text.StartsWith(Prefix, StringComparison.Ordinal);
}
