using System.Text.RegularExpressions;
using AgentStream.Messaging.Embedded;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;
using AgentStream.Worker.Tools.Mcp;
using AgentStream.Worker.Tools.Mcp.SignIn;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Worker.Tools.Mcp.SignIn;

/// <summary>A server that wants to be signed in to, its authorisation server, a person with a browser, and any number of workers.</summary>
internal sealed partial class SignInWorld : IAsyncDisposable
{
    public const string Name = "tickets";

    private readonly TemporaryDirectory _data = new();
    private readonly GuardedMcpServer _server;

    private SignInWorld(AuthorizationServer authority, bool withSessions)
    {
        Authority = authority;
        _server = new GuardedMcpServer(authority, withSessions, () => Called());
    }

    public AuthorizationServer Authority { get; }

    /// <summary>Hears of each call of the server's tool.</summary>
    public Action Called { get; set; } = () => { };

    public string DataDirectory => _data.Path;

    public static async Task<SignInWorld> StartAsync(AuthorizationServer? authority = null, bool withSessions = false)
    {
        authority ??= new AuthorizationServer();
        await authority.StartAsync();
        var world = new SignInWorld(authority, withSessions);
        await world._server.StartAsync();
        return world;
    }

    /// <summary>What one process knows: nothing but what is on disk.</summary>
    public McpSignIns Process() => ProcessIn(_data.Path);

    /// <summary>The same in a directory of a test's own.</summary>
    public static McpSignIns ProcessIn(string directory) => new(
        new FileMcpTokenStore(Options.Create(new EmbeddedOptions { DataDirectory = directory }), TimeProvider.System),
        DataProtectionProvider.Create(
            new DirectoryInfo(Path.Combine(directory, "keys")), keys => keys.SetApplicationName("AgentStream")),
        TimeProvider.System);

    public McpServerOptions Settings(string grant = McpOAuthOptions.AuthorizationCode)
    {
        var settings = new McpServerOptions { Url = _server.Url };
        settings.OAuth.Grant = grant;
        settings.OAuth.RedirectPort = FreePorts.Take(1)[0];
        return settings;
    }

    /// <summary>A worker, as it starts.</summary>
    public static async Task<McpHome> WorkerAsync(McpSignIns signIns, McpServerOptions settings)
    {
        var home = new McpHome(signIns, (Name, settings));
        await home.StartAsync();
        return home;
    }

    /// <summary>A person runs the command, opens the address that it shows, and is led back.</summary>
    /// <param name="signIns">The process of the command.</param>
    /// <param name="settings">Of the server.</param>
    /// <param name="name">Of the server.</param>
    /// <param name="open">What the person does with the address; <c>null</c>: their browser follows it.</param>
    /// <param name="input">What the person types.</param>
    public static async Task<(int Code, string Output)> SignInAsync(
        McpSignIns signIns, McpServerOptions settings, string name = Name, Func<Uri, Task>? open = null, TextReader? input = null)
    {
        var servers = new McpOptions();
        servers.Servers[name] = settings;
        using var output = new Terminal();
        var command = McpCommand.RunAsync(
            servers, signIns, ["mcp", "sign-in", name], input ?? TextReader.Null, output, output, CancellationToken.None);
        if (await Task.WhenAny(command, output.Shown) != command)
        {
            await (open ?? FollowAsync)(await output.Shown);
        }

        return (await command.WaitAsync(TestTimeouts.Default), output.ToString());
    }

    public static async Task FollowAsync(Uri address)
    {
        using var browser = new HttpClient();
        var page = await browser.GetStringAsync(address);
        Assert.Contains("You can close this page", page, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await Authority.DisposeAsync();
        _data.Dispose();
    }

    private sealed partial class Terminal : StringWriter
    {
        private readonly TaskCompletionSource<Uri> _shown = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Uri> Shown => _shown.Task;

        public override async Task WriteLineAsync(ReadOnlyMemory<char> buffer, CancellationToken cancellationToken = default)
        {
            await base.WriteLineAsync(buffer, cancellationToken);
            if (Address().Match(buffer.ToString()) is { Success: true } match)
            {
                _shown.TrySetResult(new Uri(match.Value));
            }
        }

        [GeneratedRegex(@"http\S+code_challenge\S+")]
        private static partial Regex Address();
    }
}
