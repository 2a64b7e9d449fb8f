using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Browser.SignIn;

/// <summary>A real OpenID Connect provider: the npm package <c>oidc-provider</c>, with a form that believes every name.</summary>
internal sealed class NodeProvider : IAsyncDisposable
{
    private static readonly Lazy<Task<string>> Folder = new(
        () => NpmFolder.InstallAsync("AgentStream.Tests", "Browser", "SignIn", "Provider"));

    private readonly int _port = FreePorts.Take(1)[0];
    private ServiceProcess? _process;

    public Uri Address => new($"http://localhost:{_port}");

    /// <summary>What a service has to be told to let people sign in here.</summary>
    public (string Name, string? Value)[] Settings =>
    [
        ("AgentStream__Access__OpenIdConnect__Authority", $"http://localhost:{_port}"),
        ("AgentStream__Access__OpenIdConnect__ClientId", "agentstream"),
        ("AgentStream__Access__OpenIdConnect__ClientSecret", "a-secret-for-tests-only"),
        ("AgentStream__Access__OpenIdConnect__RoleClaim", "groups"),
        ("AgentStream__Access__OpenIdConnect__Title", "the test provider"),
    ];

    /// <param name="client">The address of the pages.</param>
    public async Task StartAsync(Uri client)
    {
        var script = Path.Combine(await Folder.Value, "provider.mjs");
        _process = ServiceProcess.StartProgram("node", "Provider listens", [], script, $"{_port}", client.ToString());
        await _process.WaitUntilReadyAsync();
    }

    /// <summary>From now on it signs with other keys, and knows nobody any more.</summary>
    public async Task RotateAsync()
    {
        using var client = new HttpClient();
        Assert.Equal("rotated", await client.GetStringAsync(new Uri(Address, "/rotate")));
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }
}
