using AgentStream.Access;
using AgentStream.Messaging.Settings;

namespace AgentStream.Worker.Tools.Mcp;

/// <summary>All MCP servers of the configuration, by name.</summary>
public sealed class McpOptions
{
    public const string Section = "AgentStream:Mcp";

    public IDictionary<string, McpServerOptions> Servers { get; } =
        new Dictionary<string, McpServerOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Adds the servers of a configuration.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">A setting has a value that it does not take.</exception>
    internal void Read(IConfiguration configuration)
    {
        foreach (var section in configuration.GetSection(Section).GetChildren())
        {
            var server = new McpServerOptions();
            CheckedSettings.Bind(server, configuration, section.Path);
            SecretFiles.Bind(
                server.OAuth, configuration, $"{section.Path}:{nameof(McpServerOptions.OAuth)}", nameof(McpOAuthOptions.ClientSecret),
                static (into, secret) => into.ClientSecret = secret);
            AddAll(server.Arguments, section.GetSection(nameof(McpServerOptions.Arguments)));
            AddAll(server.PassEnvironment, section.GetSection(nameof(McpServerOptions.PassEnvironment)));
            AddAll(server.Tools, section.GetSection(nameof(McpServerOptions.Tools)));
            AddAll(server.Environment, section.GetSection(nameof(McpServerOptions.Environment)));
            AddHeaders(server.Headers, section.GetSection(nameof(McpServerOptions.Headers)));
            Servers[section.Key] = server;
        }
    }

    private static void AddAll(IList<string> list, IConfigurationSection section)
    {
        foreach (var item in section.GetChildren())
        {
            list.Add(item.Value ?? "");
        }
    }

    /// <summary>Headers are where a server's token stands: <c>Authorization_FILE</c> names a file that has it.</summary>
    private static void AddHeaders(IDictionary<string, string> headers, IConfigurationSection section)
    {
        foreach (var item in section.GetChildren())
        {
            if (item.Key.EndsWith(SecretFile.Suffix, StringComparison.Ordinal))
            {
                headers[item.Key[..^SecretFile.Suffix.Length]] = SecretFile.Read(item.Path, item.Value ?? "");
            }
            else
            {
                headers[item.Key] = item.Value ?? "";
            }
        }
    }

    private static void AddAll(IDictionary<string, string> map, IConfigurationSection section)
    {
        foreach (var item in section.GetChildren())
        {
            map[item.Key] = item.Value ?? "";
        }
    }
}
