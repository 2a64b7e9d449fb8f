using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using ModelContextProtocol.Authentication;

namespace AgentStream.Worker.Tools.Mcp.SignIn;

/// <summary>
/// The tokens that a person's sign-in at one server gave, as all workers share them: protected where they are kept, and a copy here.
/// </summary>
internal sealed class McpTokens(string server, IMcpTokenStore store, IDataProtector protector, TimeProvider time) : ITokenCache
{
    private volatile TokenContainer? _current;

    public string Server => server;

    /// <summary>The client to which the tokens were given that were last looked at; <c>null</c>: none were.</summary>
    public string? Client => _current?.ClientId;

    /// <summary>Whether what is kept counts for nothing until there is something newer: a person signs in again.</summary>
    public bool BeginsAnew { get; init; }

    // Asked for each request: what is good enough needs no store.
    public async ValueTask<TokenContainer?> GetTokensAsync(CancellationToken cancellationToken)
        => _current is { } current && (BeginsAnew || !IsOver(current)) ? current
            : BeginsAnew ? null
            : await LoadAsync(cancellationToken);

    // What a renewal gave is kept already, and another worker may have renewed it since.
    public async ValueTask StoreTokensAsync(TokenContainer tokens, CancellationToken cancellationToken)
    {
        if (_current?.AccessToken != tokens.AccessToken)
        {
            await KeepAsync(tokens, cancellationToken);
        }
    }

    public Task<IAsyncDisposable> TakeTurnAsync(CancellationToken cancellationToken) => store.TakeTurnAsync(server, cancellationToken);

    /// <summary>Reads what is kept by now, whichever worker renewed it; <c>null</c>: nothing, or nothing that can be read.</summary>
    public async Task<TokenContainer?> LoadAsync(CancellationToken cancellationToken)
        => _current = await store.ReadAsync(server, cancellationToken) is { } text ? Read(text) : null;

    public async Task KeepAsync(TokenContainer tokens, CancellationToken cancellationToken)
    {
        var text = protector.Protect(JsonSerializer.Serialize(tokens, McpTokenJson.Default.TokenContainer));
        await store.WriteAsync(server, text, cancellationToken);
        _current = tokens;
    }

    public bool IsOver(TokenContainer tokens)
        => tokens.ExpiresIn is { } seconds && tokens.ObtainedAt.AddSeconds(seconds) <= time.GetUtcNow();

    // Kept under keys that are lost, it is as if nobody had signed in.
    private TokenContainer? Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(protector.Unprotect(text), McpTokenJson.Default.TokenContainer);
        }
        catch (Exception exception) when (exception is CryptographicException or JsonException)
        {
            return null;
        }
    }
}
