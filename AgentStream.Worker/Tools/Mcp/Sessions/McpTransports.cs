using ModelContextProtocol.Client;

namespace AgentStream.Worker.Tools.Mcp.Sessions;

/// <summary>Makes what a connection to a server runs over.</summary>
internal static class McpTransports
{
    // A server that was told to stop and does not is killed.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(2);

    public static IClientTransport Create(string name, McpServerOptions server, ILoggerFactory loggers) => server.Url is { Length: > 0 } url
        ? new HttpClientTransport(
            new HttpClientTransportOptions
            {
                Name = name,
                Endpoint = new Uri(url),
                // Servers of revision 2024-11-05 speak HTTP with SSE, which the SDK finds out.
                TransportMode = HttpTransportMode.AutoDetect,
                AdditionalHeaders = server.Headers,
                ConnectionTimeout = server.StartTimeout,
            },
            // A call may take as long as it takes: who waits for it decides.
            new HttpClient(new SessionHandler(new SocketsHttpHandler())) { Timeout = Timeout.InfiniteTimeSpan },
            loggers,
            ownsHttpClient: true)
        : new StdioClientTransport(
            new StdioClientTransportOptions
            {
                Name = name,
                Command = server.Command!,
                Arguments = server.Arguments,
                WorkingDirectory = server.WorkingDirectory,
                InheritEnvironmentVariables = false,
                EnvironmentVariables = EnvironmentOf(server),
                ShutdownTimeout = ShutdownTimeout,
            },
            loggers);

    /// <summary>The environment of the program: what every program needs, and what the configuration names.</summary>
    public static Dictionary<string, string?> EnvironmentOf(McpServerOptions server)
    {
        var variables = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (name, value) in StdioClientTransportOptions.GetDefaultEnvironmentVariables())
        {
            variables[name] = value;
        }

        foreach (var name in server.PassEnvironment)
        {
            if (System.Environment.GetEnvironmentVariable(name) is { } value)
            {
                variables[name] = value;
            }
        }

        foreach (var (name, value) in server.Environment)
        {
            variables[name] = value;
        }

        return variables;
    }
}
