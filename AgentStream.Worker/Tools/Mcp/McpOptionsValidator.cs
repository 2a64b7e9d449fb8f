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
    }

    private static bool IsHttp(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps);
}
