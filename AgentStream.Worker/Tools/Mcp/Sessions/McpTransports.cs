using AgentStream.Worker.Tools.Mcp.SignIn;
using ModelContextProtocol.Authentication;
using ModelContextProtocol.Client;

namespace AgentStream.Worker.Tools.Mcp.Sessions;

/// <summary>Makes what a connection to a server runs over.</summary>
internal static class McpTransports
{
    // A server that was told to stop and does not is killed.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(2);

    /// <param name="name">Of the server.</param>
    /// <param name="server">Its settings.</param>
    /// <param name="signIns">Signs in to a server that wants it; <c>null</c>: none does.</param>
    /// <param name="loggers">For the SDK.</param>
    public static IClientTransport Create(string name, McpServerOptions server, McpSignIns? signIns, ILoggerFactory loggers)
    {
        if (server.Url is { Length: > 0 })
        {
            HttpMessageHandler sockets = new SocketsHttpHandler();
            var (handler, oauth) = signIns?.Around(sockets, name, server) ?? (sockets, null);
            return Http(name, server, new SessionHandler(handler, signsIn: server.OAuth.Grant.Length > 0), oauth, loggers);
        }

        return new StdioClientTransport(
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
    }

    /// <param name="name">Of the server.</param>
    /// <param name="server">Its settings; it has an address.</param>
    /// <param name="handler">Sends requests, and goes with what is made here.</param>
    /// <param name="oauth">What the SDK has to know to sign in; <c>null</c>: it does not.</param>
    /// <param name="loggers">For the SDK.</param>
    public static HttpClientTransport Http(
        string name, McpServerOptions server, HttpMessageHandler handler, ClientOAuthOptions? oauth, ILoggerFactory? loggers) => new(
            new HttpClientTransportOptions
            {
                Name = name,
                Endpoint = new Uri(server.Url!),
                // Servers of revision 2024-11-05 speak HTTP with SSE, which the SDK finds out.
                TransportMode = HttpTransportMode.AutoDetect,
                AdditionalHeaders = server.Headers,
                ConnectionTimeout = server.StartTimeout,
                OAuth = oauth,
            },
            // A call may take as long as it takes: who waits for it decides.
            new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan },
            loggers,
            ownsHttpClient: true);

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
