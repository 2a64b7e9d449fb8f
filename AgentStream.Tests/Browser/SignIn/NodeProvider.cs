using System.Globalization;
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
    /// <param name="accessTokenSeconds">How long its access tokens are good.</param>
    public async Task StartAsync(Uri client, int accessTokenSeconds = 3600)
    {
        var script = Path.Combine(await Folder.Value, "provider.mjs");
        _process = ServiceProcess.StartProgram(
            "node", "Provider listens", [KeyValuePair.Create("ACCESS_TOKEN_SECONDS", (string?)$"{accessTokenSeconds}")],
            script, $"{_port}", client.ToString());
        await _process.WaitUntilReadyAsync();
    }

    /// <summary>From now on it signs with other keys, and knows nobody any more.</summary>
    public async Task RotateAsync() => Assert.Equal("rotated", await TellAsync("/rotate"));

    /// <summary>From now on somebody is in these groups and no others.</summary>
    public async Task SetGroupsAsync(string name, params string[] groups)
        => Assert.Equal("changed", await TellAsync($"/groups?of={name}&are={string.Join(',', groups)}"));

    /// <summary>From now on it answers nothing, or does again.</summary>
    public async Task SetAwayAsync(bool isAway)
        => Assert.Equal("changed", await TellAsync($"/away?is={(isAway ? "true" : "false")}"));

    /// <summary>Tells the client that somebody has signed out (back-channel logout).</summary>
    public async Task LogOutAsync(string name) => Assert.Equal("told", await TellAsync($"/log-out?who={name}"));

    /// <summary>How often its userinfo was asked.</summary>
    public async Task<int> AskedAsync() => int.Parse(await TellAsync("/asked"), CultureInfo.InvariantCulture);

    private async Task<string> TellAsync(string path)
    {
        using var client = new HttpClient();
        return await client.GetStringAsync(new Uri(Address, path));
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }
}
