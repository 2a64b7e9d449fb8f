namespace AgentStream.Access;

/// <summary>The names of the authentication schemes.</summary>
internal static class AccessSchemes
{
    /// <summary>Chooses one of the others by what the request carries.</summary>
    public const string Default = "AgentStream";

    /// <summary>A sign-in that a browser keeps.</summary>
    public const string Cookie = "AgentStream.Cookie";

    internal const string Jwt = "AgentStream.Jwt";
    internal const string Key = "AgentStream.Key";
    internal const string Link = "AgentStream.Link";
    internal const string Header = "AgentStream.Header";
    internal const string Ticket = "AgentStream.Ticket";
    internal const string Unreadable = "AgentStream.Unreadable";
}
