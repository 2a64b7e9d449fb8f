using System.Collections.Concurrent;
using Microsoft.AspNetCore.DataProtection;
using ModelContextProtocol.Authentication;

namespace AgentStream.Worker.Tools.Mcp.SignIn;

/// <summary>Signs the worker in to the MCP servers that want it.</summary>
internal sealed class McpSignIns(IMcpTokenStore store, IDataProtectionProvider protection, TimeProvider time)
{
    private const string Purpose = "AgentStream.Mcp.Tokens";
    private const string ClientName = "AgentStream";

    private readonly ConcurrentDictionary<string, McpTokens> _tokens = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Sees to it that a server which wants a person to sign in is not asked before one has.</summary>
    /// <exception cref="McpSignInException">Nobody has signed in.</exception>
    public async Task EnsureAsync(string name, McpServerOptions server, CancellationToken cancellationToken)
    {
        // Asked all the same, the SDK would register a client anew at each attempt.
        if (server.OAuth.Grant == McpOAuthOptions.AuthorizationCode
            && await Of(name).GetTokensAsync(cancellationToken) is null)
        {
            throw McpSignInException.PersonNeeded(name);
        }
    }

    /// <summary>Puts what signs requests in, or renews what signs them, around a handler; the SDK does the rest.</summary>
    public (HttpMessageHandler Handler, ClientOAuthOptions? OAuth) Around(
        HttpMessageHandler handler, string name, McpServerOptions server)
        => server.OAuth.Grant switch
        {
            McpOAuthOptions.ClientCredentials =>
                (new ClientCredentialsHandler(new Uri(server.Url!), server.OAuth, time, handler), null),
            McpOAuthOptions.AuthorizationCode => (
                new RenewalHandler(Of(name), time, handler),
                OptionsOf(server.OAuth, Of(name), (_, _) =>
                    Task.FromException<AuthorizationResult?>(McpSignInException.PersonNeeded(name)))),
            _ => (handler, null),
        };

    /// <summary>What the SDK has to know for a person to sign in by a browser.</summary>
    /// <param name="settings">Of the server.</param>
    /// <param name="tokens">Gets what the sign-in gives.</param>
    /// <param name="lead">Leads the person to the authorisation server and waits for the way back.</param>
    public static ClientOAuthOptions OptionsOf(
        McpOAuthOptions settings, McpTokens tokens,
        Func<AuthorizationCallbackContext, CancellationToken, Task<AuthorizationResult?>> lead) => new()
        {
            RedirectUri = new Uri($"http://127.0.0.1:{settings.RedirectPort}/callback"),
            ClientId = settings.ClientId.Length > 0 ? settings.ClientId : null,
            ClientSecret = settings.ClientSecret.Length > 0 ? settings.ClientSecret : null,
            ScopeSelector = wanted => settings.ScopesBeside(wanted ?? []),
            DynamicClientRegistration = new DynamicClientRegistrationOptions { ClientName = ClientName },
            AuthorizationCallbackHandler = lead,
            TokenCache = tokens,
        };

    /// <summary>The tokens for a server, for a sign-in that counts for more than what is kept.</summary>
    public McpTokens New(string name) => Make(name, beginsAnew: true);

    /// <summary>Forgets what a sign-in gave. False: there was nothing.</summary>
    public Task<bool> ForgetAsync(string name, CancellationToken cancellationToken)
        => store.RemoveAsync(KeyOf(name), cancellationToken);

    private McpTokens Of(string name) => _tokens.GetOrAdd(name, key => Make(key, beginsAnew: false));

    private McpTokens Make(string name, bool beginsAnew)
        => new(KeyOf(name), store, protection.CreateProtector(Purpose, KeyOf(name)), time) { BeginsAnew = beginsAnew };

    // Settings are found whatever their capitals.
    private static string KeyOf(string name) => name.ToLowerInvariant();
}
