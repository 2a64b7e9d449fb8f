using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentStream.Api.Access;
using AgentStream.Messaging;

namespace AgentStream.Api.Wires.Mcp;

/// <summary>
/// What a client of a revision with sessions is known by. Nothing is kept of it: its id says all that has to be remembered,
/// so that any server takes it, after any restart.
/// </summary>
internal static class McpSession
{
    public const string Header = "Mcp-Session-Id";

    private const string Asking = "a-";
    private const string Silent = "s-";

    /// <summary>A new session's id.</summary>
    /// <param name="canAsk">Whether its client puts questions to a person.</param>
    public static string NewId(bool canAsk) => $"{(canAsk ? Asking : Silent)}{Guid.NewGuid():n}";

    /// <summary>Whether the client of a request puts questions to a person.</summary>
    public static bool CanAsk(HttpRequest request) => request.Headers[Header].ToString().StartsWith(Asking, StringComparison.Ordinal);
}

/// <summary>
/// A call as its client names it, by session and request: leads to the same message, whichever server is asked.
/// Callers do not meet each other: who asks is a part of it.
/// </summary>
internal readonly record struct McpCallKey
{
    private const int Characters = 32;

    private readonly string _name;

    private McpCallKey(string name) => _name = name;

    /// <summary>The session of a call that names none.</summary>
    public SessionId SessionId => SessionId.Parse(_name);

    /// <summary>The id of its message, in whatever session.</summary>
    public string MessageId => _name;

    /// <summary>The key of a request; <c>null</c>: its client has no session, so its ids may be those of others as well.</summary>
    public static McpCallKey? Of(HttpContext context, JsonElement requestId)
    {
        var session = context.Request.Headers[McpSession.Header].ToString();
        if (session.Length == 0)
        {
            return null;
        }

        var named = Encoding.UTF8.GetBytes($"mcp\n{SessionAccess.PrincipalOf(context)}\n{session}\n{requestId.GetRawText()}");
        return new McpCallKey($"mcp-{Convert.ToHexStringLower(SHA256.HashData(named))[..Characters]}");
    }
}
