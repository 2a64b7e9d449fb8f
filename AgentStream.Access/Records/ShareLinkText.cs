namespace AgentStream.Access.Records;

/// <summary>The secret of links: <c>asl_</c>, by which scanners find one that has got somewhere, and 32 random bytes.</summary>
internal static class ShareLinkText
{
    private const string Prefix = "asl_";

    public static string New() => Prefix + RandomText.New();

    public static bool Looks(string text) => text.StartsWith(Prefix, StringComparison.Ordinal);
}
