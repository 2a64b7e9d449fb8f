using System.ComponentModel.DataAnnotations;

namespace AgentStream.Worker.Tools.Mcp;

/// <summary>One MCP server: section <c>AgentStream:Mcp:{name}</c>. It has either a <see cref="Command"/> (stdio) or a <see cref="Url"/>
/// (streamable HTTP).</summary>
public sealed class McpServerOptions
{
    /// <summary>The program to start; it is spoken to over its standard input and output.</summary>
    public string? Command { get; set; }

    /// <summary>Its arguments, one by one.</summary>
    public IList<string> Arguments { get; } = [];

    /// <summary>Default: the worker's.</summary>
    public string? WorkingDirectory { get; set; }

    /// <summary>Variables for the program. It gets these, the few that every program needs (<c>PATH</c>, <c>HOME</c>, …), and nothing else
    /// of the worker's: no API keys.</summary>
    public IDictionary<string, string> Environment { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Names of the worker's own variables that the program shall get as well.</summary>
    public IList<string> PassEnvironment { get; } = [];

    /// <summary>The server's address, http or https: streamable HTTP, or HTTP with SSE where it speaks that alone.</summary>
    public string? Url { get; set; }

    /// <summary>Headers for each request, <c>Authorization</c> for example.</summary>
    public IDictionary<string, string> Headers { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The way in which the worker signs in to it, where it wants that.</summary>
    public McpOAuthOptions OAuth { get; } = new();

    /// <summary>Names or patterns of the server's own tools that may be used; default: all.</summary>
    public IList<string> Tools { get; } = [];

    /// <summary>A person must agree to each call of its tools. Default: no.</summary>
    public bool RequiresApproval { get; set; }

    /// <summary>The time that the server may take to start and to list its tools. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The interval at which the list of tools is asked for anew, which also finds out that a server is gone;
    /// one that is busy with a call may
    /// be silent. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>One call; default: the agent's own limit.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan? CallTimeout { get; set; }
}
