using AgentStream.Messaging.Log;
using AgentStream.Worker.Tools.Mcp.Sessions;
using Microsoft.Extensions.Options;
using ModelContextProtocol;
using ModelContextProtocol.Client;

namespace AgentStream.Worker.Tools.Mcp.SignIn;

/// <summary>
/// The command with which a person signs the workers in to an MCP server: <c>dotnet AgentStream.Worker.dll mcp sign-in NAME</c>.
/// It reads the service's own settings, and may run while the service does.
/// </summary>
public static class McpCommand
{
    private const string Usage = """
        mcp sign-in NAME     signs in to the server of AgentStream:Mcp:NAME by a browser; all workers use what that gives
        mcp sign-out NAME    forgets what the sign-in gave
        """;

    // A person takes as long as it takes; who has enough of it ends the command.
    // Of itself the SDK gives its first question five seconds, and then asks another one, for which the person would sign in again.
    private static readonly McpClientOptions PatientOptions = new()
    {
        InitializationTimeout = Timeout.InfiniteTimeSpan,
        DiscoverProbeTimeout = Timeout.InfiniteTimeSpan,
    };

    private const int Done = 0;
    private const int Failure = 1;
    private const int Misused = 2;

    /// <summary>Tells whether the service was started for such a command.</summary>
    public static bool IsMeant(string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return arguments is ["mcp", ..];
    }

    /// <summary>Carries the command out.</summary>
    /// <param name="builder">The service as it would be built: its settings say which servers there are, and where tokens are kept.</param>
    /// <param name="arguments">The command.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(IHostApplicationBuilder builder, string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(arguments);
        builder.Logging.ClearProviders();
        builder.Services.AddMcpServers();
        builder.AddMcpSignIns();
        await using var provider = builder.Services.BuildServiceProvider();
        try
        {
            provider.GetRequiredService<IStartupValidator>().Validate();
            var servers = provider.GetRequiredService<IOptions<McpOptions>>().Value;
            return await RunAsync(
                servers, provider.GetRequiredService<McpSignIns>(), arguments, Console.In, Console.Out, Console.Error,
                CancellationToken.None);
        }
        catch (OptionsValidationException exception)
        {
            await Console.Error.WriteLineAsync(string.Join(Environment.NewLine, exception.Failures));
        }
        catch (Exception exception) when (exception is StoreUnavailableException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(
                "The place where tokens are kept can't be reached: is the service's Redis, or its disk, there?");
        }

        return Failure;
    }

    internal static async Task<int> RunAsync(
        McpOptions servers, McpSignIns signIns, string[] arguments, TextReader input, TextWriter output, TextWriter errors,
        CancellationToken cancellationToken)
    {
        if (arguments is not ["mcp", "sign-in" or "sign-out", var name])
        {
            await errors.WriteLineAsync(Usage);
            return Misused;
        }

        if (!servers.Servers.TryGetValue(name, out var server) || server.OAuth.Grant != McpOAuthOptions.AuthorizationCode)
        {
            await errors.WriteLineAsync(
                $"{McpOptions.Section}:{name}:OAuth:Grant is not {McpOAuthOptions.AuthorizationCode}: no person signs in there.");
            return Failure;
        }

        if (arguments[1] == "sign-out")
        {
            var wasThere = await signIns.ForgetAsync(name, cancellationToken);
            await output.WriteLineAsync(wasThere
                ? $"The sign-in to {name} is forgotten. The authorisation server may still know it."
                : $"There was no sign-in to {name}.");
            return Done;
        }

        try
        {
            return await SignInAsync(name, server, signIns, input, output, errors, cancellationToken);
        }
        catch (Exception exception) when (exception is McpException or HttpRequestException or McpSignInException)
        {
            await errors.WriteLineAsync($"The sign-in to {name} failed. {exception.Message}");
            return Failure;
        }
    }

    private static async Task<int> SignInAsync(
        string name, McpServerOptions server, McpSignIns signIns, TextReader input, TextWriter output, TextWriter errors,
        CancellationToken cancellationToken)
    {
        var tokens = signIns.New(name);
        var oauth = McpSignIns.OptionsOf(server.OAuth, tokens, new BrowserSignIn(input, output).LeadAsync);
        var handler = new SessionHandler(new SocketsHttpHandler(), signsIn: true);
        await using var transport = McpTransports.Http(name, server, handler, oauth, null);
        await using (await McpClient.CreateAsync(
            transport, PatientOptions, null, cancellationToken))
        {
            if (await tokens.GetTokensAsync(cancellationToken) is not { } given)
            {
                await errors.WriteLineAsync($"The server {name} let everybody in: it needs no sign-in.");
                return Failure;
            }

            await output.WriteLineAsync(given.RefreshToken is null
                ? $"Signed in to {name}, for as long as this token holds: the authorisation server gave none to renew it with."
                : $"Signed in to {name}. The workers renew it by themselves.");
            return Done;
        }
    }
}
