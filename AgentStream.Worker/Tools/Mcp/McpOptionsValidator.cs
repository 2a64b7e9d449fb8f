using AgentStream.Worker.Tools.Mcp.SignIn;
using Microsoft.Extensions.Options;

namespace AgentStream.Worker.Tools.Mcp;

/// <summary>Says in one sentence which setting of which MCP server is wrong. A server that can't be reached is no wrong setting.</summary>
internal sealed class McpOptionsValidator : IValidateOptions<McpOptions>
{
    private const int MaxNameLength = 32;

    public ValidateOptionsResult Validate(string? name, McpOptions options)
    {
        var failures = options.Servers.SelectMany(server => Failures(server.Key, server.Value)).ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> Failures(string name, McpServerOptions server)
    {
        var setting = $"{McpOptions.Section}:{name}";
        if (name.Length > MaxNameLength || !name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-'))
        {
            yield return $"{setting} is no name for a server; it takes 1 to {MaxNameLength} of A-Z a-z 0-9 _ -, because its tools are "
                + $"called {name}_….";
        }

        var hasCommand = !string.IsNullOrWhiteSpace(server.Command);
        if (hasCommand == !string.IsNullOrWhiteSpace(server.Url))
        {
            yield return $"{setting} takes either a Command (stdio) or a Url (streamable HTTP).";
        }
        else if (!hasCommand && !IsHttp(server.Url))
        {
            yield return $"{setting}:Url is '{server.Url}'; it takes an absolute http or https address.";
        }

        foreach (var failure in SignInFailures($"{setting}:{nameof(server.OAuth)}", server))
        {
            yield return failure;
        }
    }

    private static IEnumerable<string> SignInFailures(string setting, McpServerOptions server)
    {
        var grant = server.OAuth.Grant;
        if (grant.Length == 0)
        {
            yield break;
        }

        if (grant is not (McpOAuthOptions.AuthorizationCode or McpOAuthOptions.ClientCredentials))
        {
            yield return $"{setting}:{nameof(McpOAuthOptions.Grant)} is '{grant}'; it takes {McpOAuthOptions.AuthorizationCode} (a person "
                + $"signs in) or {McpOAuthOptions.ClientCredentials} (the worker does).";
        }

        if (!Uri.TryCreate(server.Url, UriKind.Absolute, out var url) || !TokenPlace.IsSecret(url))
        {
            yield return $"{setting} is set, and tokens would be sent to '{server.Url}'; Url takes an https address then (http on this "
                + "machine alone).";
        }

        if (server.Headers.ContainsKey("Authorization"))
        {
            yield return $"{setting} and an Authorization in Headers are both set; leave one out.";
        }

        if (grant == McpOAuthOptions.ClientCredentials && (server.OAuth.ClientId.Length == 0 || server.OAuth.ClientSecret.Length == 0))
        {
            yield return $"{setting} wants {nameof(McpOAuthOptions.ClientId)} and {nameof(McpOAuthOptions.ClientSecret)} (or "
                + $"{nameof(McpOAuthOptions.ClientSecretFile)}) for {McpOAuthOptions.ClientCredentials}.";
        }
    }

    private static bool IsHttp(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps);
}
