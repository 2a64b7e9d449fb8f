using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentStream.Worker.Tools.Arguments;

namespace AgentStream.Worker.Tools.Mcp.SignIn;

/// <summary>Where a token for a server is to be got, and what to ask for there.</summary>
/// <param name="Endpoint">The authorisation server's token endpoint.</param>
/// <param name="Resource">The server, as it names itself (RFC 8707).</param>
/// <param name="Scopes">The scopes that the server wants; none: it does not say.</param>
/// <param name="TakesBasic">Whether the client says who it is in a header; otherwise it does so in the form.</param>
internal sealed partial record TokenPlace(Uri Endpoint, string Resource, IReadOnlyList<string> Scopes, bool TakesBasic)
{
    private const int MaxBytes = 1 << 20;
    private const string OfResource = ".well-known/oauth-protected-resource";
    private const string OfServer = ".well-known/oauth-authorization-server";
    private const string OfProvider = ".well-known/openid-configuration";

    /// <summary>
    /// Finds it from the server's refusal, as the protocol says: the server's metadata (RFC 9728), then that of its authorisation server
    /// (RFC 8414, or OpenID Connect's).
    /// </summary>
    /// <param name="http">Sends requests.</param>
    /// <param name="server">The server's address.</param>
    /// <param name="refusal">Its answer to who brought no token, or one that is not good.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <exception cref="McpSignInException">Something on the way is missing, or is not what it should be.</exception>
    public static async Task<TokenPlace> FindAsync(
        HttpMessageInvoker http, Uri server, HttpResponseMessage refusal, CancellationToken cancellationToken)
    {
        var hints = HintsOf(refusal);
        var resource = await FirstAsync(
            http,
            hints.TryGetValue("resource_metadata", out var address) ? [Address(address)] : WellKnown(server, OfResource),
            cancellationToken) ?? throw new McpSignInException($"{server} does not say which authorisation server it trusts.");
        var name = TextOf(resource, "resource") ?? "";
        if (!IsOf(name, server))
        {
            throw new McpSignInException($"What {server} names as its own address is another one: '{name}'.");
        }

        var issuer = ListOf(resource, "authorization_servers").FirstOrDefault()
            ?? throw new McpSignInException($"{server} names no authorisation server.");
        var metadata = await FirstAsync(
            http, [.. WellKnown(Address(issuer), OfServer), .. WellKnown(Address(issuer), OfProvider)], cancellationToken)
                ?? throw new McpSignInException($"The authorisation server {issuer} does not describe itself.");
        if (TextOf(metadata, "issuer") != issuer)
        {
            throw new McpSignInException($"The authorisation server {issuer} says that it is '{TextOf(metadata, "issuer")}'.");
        }

        if (ListOf(metadata, "grant_types_supported") is { Count: > 0 } grants && !grants.Contains(McpOAuthOptions.ClientCredentials))
        {
            throw new McpSignInException(
                $"The authorisation server {issuer} does not let clients sign in by themselves; Grant has to be "
                    + $"{McpOAuthOptions.AuthorizationCode}.");
        }

        var scopes = hints.GetValueOrDefault("scope")?.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToList()
            ?? ListOf(resource, "scopes_supported");
        var methods = ListOf(metadata, "token_endpoint_auth_methods_supported");
        return new TokenPlace(
            Address(TextOf(metadata, "token_endpoint") ?? ""), name, scopes, methods.Count == 0 || methods.Contains("client_secret_basic"));
    }

    /// <summary>Whether nobody on the way can read along.</summary>
    public static bool IsSecret(Uri address)
        => address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback);

    // WWW-Authenticate: Bearer resource_metadata="https://…", scope="read write"
    private static Dictionary<string, string> HintsOf(HttpResponseMessage refusal)
    {
        var hints = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var header in refusal.Headers.WwwAuthenticate.Where(IsBearer))
        {
            foreach (var match in Hint().Matches(header.Parameter!).Cast<Match>())
            {
                hints.TryAdd(match.Groups["name"].Value.ToLowerInvariant(), match.Groups["value"].Value);
            }
        }

        return hints;
    }

    private static bool IsBearer(AuthenticationHeaderValue header)
        => header.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) && header.Parameter is not null;

    private static Uri Address(string text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && IsSecret(address)
        ? address
        : throw new McpSignInException($"'{text}' is where a token would be asked for; it has to be an https address.");

    // The path of what is described stands after the well-known one, and where nothing is found there, it is left out.
    // OpenID Connect has it before.
    private static List<Uri> WellKnown(Uri described, string kind)
    {
        var authority = described.GetLeftPart(UriPartial.Authority);
        var path = described.AbsolutePath.Trim('/');
        return path.Length == 0 ? [new($"{authority}/{kind}")]
            : kind == OfResource ? [new($"{authority}/{kind}/{path}"), new($"{authority}/{kind}")]
            : kind == OfProvider ? [new($"{authority}/{kind}/{path}"), new($"{authority}/{path}/{kind}")]
            : [new($"{authority}/{kind}/{path}")];
    }

    private static async Task<JsonElement?> FirstAsync(HttpMessageInvoker http, List<Uri> addresses, CancellationToken cancellationToken)
    {
        foreach (var address in addresses)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            using var response = await http.SendAsync(request, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                continue;
            }

            await response.Content.LoadIntoBufferAsync(MaxBytes, cancellationToken);
            try
            {
                return JsonElement.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            }
            catch (JsonException)
            {
                // Some answer whatever they do not know with a page.
            }
        }

        return null;
    }

    private static string? TextOf(JsonElement metadata, string member)
        => JsonSchemaCheck.Member(metadata, member, JsonValueKind.String)?.GetString();

    private static List<string> ListOf(JsonElement metadata, string member)
        => JsonSchemaCheck.Member(metadata, member, JsonValueKind.Array) is { } list
            ? [.. list.EnumerateArray().Where(item => item.ValueKind is JsonValueKind.String).Select(item => item.GetString()!)]
            : [];

    // Its whole address, or the part without a path.
    private static bool IsOf(string resource, Uri server)
        => Uri.TryCreate(resource, UriKind.Absolute, out var named)
            && string.Equals(
                named.GetLeftPart(UriPartial.Authority), server.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase)
            && (named.AbsolutePath.Trim('/').Length == 0 || named.AbsolutePath.TrimEnd('/') == server.AbsolutePath.TrimEnd('/'));

    [GeneratedRegex("""(?<name>[A-Za-z_]+)\s*=\s*(?:"(?<value>[^"]*)"|(?<value>[^\s,"]+))""")]
    private static partial Regex Hint();
}
