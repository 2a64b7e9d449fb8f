namespace AgentStream.Access;

/// <summary>What a caller may do, with what is theirs.</summary>
[Flags]
internal enum Scopes
{
    None = 0,

    /// <summary>Read and follow their sessions.</summary>
    Read = 1,

    /// <summary>Send messages, cancel runs, rename and erase.</summary>
    Chat = 2,

    /// <summary>Answer tool calls that wait for a person.</summary>
    Approve = 4,

    /// <summary>See and end the runs of all, without what was said in them.</summary>
    Admin = 8,

    All = Read | Chat | Approve | Admin,
}

/// <summary>Scopes as they stand in settings, tokens and commands.</summary>
internal static class ScopeNames
{
    private static readonly Scopes[] Each = [Scopes.Read, Scopes.Chat, Scopes.Approve, Scopes.Admin];

    /// <summary>Reads <c>read,chat</c> or <c>read chat</c>. <c>null</c>: a word is no scope, or there is none.</summary>
    public static Scopes? Parse(string text)
    {
        var words = Words(text);
        return words.Length > 0 && words.All(word => Of(word) != Scopes.None) ? ParseKnown(text) : null;
    }

    /// <summary>Reads the scopes among the words, and passes over all else.</summary>
    public static Scopes ParseKnown(string text) => Words(text).Aggregate(Scopes.None, (all, word) => all | Of(word));

    /// <summary>The words, with spaces between them.</summary>
    public static string Write(Scopes scopes) => string.Join(' ', Each.Where(scope => scopes.HasFlag(scope)).Select(Name));

    private static string[] Words(string text)
        => text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static Scopes Of(string word) => Each.FirstOrDefault(scope => Name(scope) == word);

    private static string Name(Scopes scope) => scope switch
    {
        Scopes.Read => "read",
        Scopes.Chat => "chat",
        Scopes.Approve => "approve",
        Scopes.Admin => "admin",
        _ => "",
    };
}
