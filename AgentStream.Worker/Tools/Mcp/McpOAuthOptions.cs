using System.ComponentModel.DataAnnotations;

namespace AgentStream.Worker.Tools.Mcp;

/// <summary>The way in which a worker signs in to an MCP server over HTTP: section <c>AgentStream:Mcp:{name}:OAuth</c>.</summary>
public sealed class McpOAuthOptions
{
    /// <summary>A person signs in once, with the command <c>mcp sign-in</c>; the worker renews what that gave.</summary>
    public const string AuthorizationCode = "authorization_code";

    /// <summary>The worker signs in by itself, as a client of its own.</summary>
    public const string ClientCredentials = "client_credentials";

    /// <summary>
    /// <c>authorization_code</c> (a person signs in once, with the command <c>mcp sign-in</c>) or <c>client_credentials</c> (the worker
    /// signs in by itself). Empty, the default: the server asks nobody to sign in.
    /// </summary>
    public string Grant { get; set; } = "";

    /// <summary>
    /// The name under which the authorisation server knows AgentStream. Needed for <c>client_credentials</c>. Empty: AgentStream registers
    /// itself, where the authorisation server allows that.
    /// </summary>
    public string ClientId { get; set; } = "";

    /// <summary>The secret that goes with it, where there is one.</summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>The file that has the secret (also <c>ClientSecret_FILE</c>).</summary>
    public string ClientSecretFile { get; set; } = "";

    /// <summary>Scopes to ask for beside those that the server says it wants, with spaces between them.</summary>
    public string Scopes { get; set; } = "";

    /// <summary>
    /// The port of <c>http://127.0.0.1:{port}/callback</c>, to which the authorisation server leads a person's browser back while the
    /// command runs. Default 8015.
    /// </summary>
    [Range(1, 65535)]
    public int RedirectPort { get; set; } = 8015;

    /// <summary>All scopes to ask for.</summary>
    /// <param name="wanted">Those that the server wants.</param>
    internal IReadOnlyList<string> ScopesBeside(IEnumerable<string> wanted)
        => [.. wanted.Concat(Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Distinct(StringComparer.Ordinal)];
}
