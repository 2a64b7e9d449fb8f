using System.Net;
using System.Threading.Channels;
using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Support;
using AgentStream.Tests.Worker.Running;
using AgentStream.Worker.Tools;
using AgentStream.Worker.Tools.Arguments;
using AgentStream.Worker.Tools.Mcp;
using Microsoft.Extensions.Logging;
using static AgentStream.Tests.Worker.Tools.Mcp.SignIn.SignInWorld;

namespace AgentStream.Tests.Worker.Tools.Mcp.SignIn;

/// <summary>Servers that want OAuth are signed in to: by a person once, or by the worker itself.</summary>
public sealed class McpSignInTests
{
    private static readonly LogLevel[] Levels =
        [LogLevel.Trace, LogLevel.Debug, LogLevel.Information, LogLevel.Warning, LogLevel.Error, LogLevel.Critical];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SignIn_ByAPersonOnce_HoldsThroughExpiryInARunAndARestart(bool withSessions)
    {
        await using var world = await SignInWorld.StartAsync(withSessions: withSessions);
        var settings = world.Settings();
        var (code, said) = await SignInAsync(world.Process(), settings, open: async address =>
        {
            // Somebody else asks the port meanwhile.
            using var stranger = new HttpClient();
            using var refused = await stranger.GetAsync(new Uri($"http://127.0.0.1:{settings.OAuth.RedirectPort}/callback?code=x&state=y"));
            Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
            await FollowAsync(address);
        });
        Assert.True(code == 0, said);
        Assert.Contains("The workers renew it by themselves.", said, StringComparison.Ordinal);

        // A process of its own, as after a restart.
        await using var home = await WorkerAsync(world.Process(), settings);
        var calls = 0;
        world.Called = () =>
        {
            if (++calls == 1)
            {
                world.Authority.Expire();
            }
        };
        var client = new PlannedChatClient(
            [ToolCallText.CreateCall("c1", "tickets_ping", "{}")], [ToolCallText.CreateCall("c2", "tickets_ping", "{}")], ["done"]);
        var harness = new LoopHarness(client, await home.ToolAsync("tickets_ping"));
        await harness.RunAsync().WaitAsync(TestTimeouts.Default);

        Assert.Equal(2, calls);
        Assert.All(
            harness.Steps.Where(step => step.StepType == StepType.ToolResult),
            step => Assert.Equal("pong", step.Content));
        Assert.Equal((1, 1), (world.Authority.Registrations, world.Authority.Renewals));
        AssertSecret(world, home);
    }

    [Fact]
    public async Task Renewal_BySeveralWorkersAtOnce_IsMadeOnce()
    {
        await using var world = await SignInWorld.StartAsync();
        var settings = world.Settings();
        await SignInAsync(world.Process(), settings);
        await using var first = await WorkerAsync(world.Process(), settings);
        await using var second = await WorkerAsync(world.Process(), settings);
        AgentTool[] tools = [await first.ToolAsync("tickets_ping"), await second.ToolAsync("tickets_ping")];

        // Used twice, a refresh token would end the sign-in.
        for (var round = 1; round <= 3; round++)
        {
            world.Authority.Expire();
            Assert.All(await Task.WhenAll(tools.Select(tool => tool.CallAsync("{}"))), answer => Assert.Equal("pong", answer));
            Assert.Equal(round, world.Authority.Renewals);
        }
    }

    [Fact]
    public async Task Renewal_ThatGivesNoOtherRefreshToken_KeepsTheOneThereIs()
    {
        await using var world = await SignInWorld.StartAsync(new AuthorizationServer { Rotates = false });
        var settings = world.Settings();
        await SignInAsync(world.Process(), settings);
        await using var home = await WorkerAsync(world.Process(), settings);
        var ping = await home.ToolAsync("tickets_ping");

        for (var round = 1; round <= 2; round++)
        {
            world.Authority.Expire();
            Assert.Equal("pong", await ping.CallAsync("{}"));
            Assert.Equal(round, world.Authority.Renewals);
        }
    }

    [Fact]
    public async Task SignIn_ThatNobodyHasMade_IsAskedForAndRegistersNothing()
    {
        await using var world = await SignInWorld.StartAsync();
        var settings = world.Settings();
        await using var home = await WorkerAsync(world.Process(), settings);

        await home.Logs.WaitForAsync(LogLevel.Warning, "with the arguments 'mcp sign-in tickets'");
        await home.WaitAsync(_ => home.Tools.Missing.Single().Reason.Contains("wants to be signed in to", StringComparison.Ordinal));
        Assert.Equal(0, world.Authority.Registrations);

        // It is found without a restart.
        await SignInAsync(world.Process(), settings);
        Assert.Equal("pong", await (await home.ToolAsync("tickets_ping")).CallAsync("{}"));
    }

    [Fact]
    public async Task SignIn_ThatTheAuthorizationServerHasEnded_IsAskedForAnew()
    {
        await using var world = await SignInWorld.StartAsync();
        var settings = world.Settings();
        await SignInAsync(world.Process(), settings);
        await using var home = await WorkerAsync(world.Process(), settings);
        var ping = await home.ToolAsync("tickets_ping");

        world.Authority.EndSignIns();
        var problem = await Assert.ThrowsAsync<ToolException>(() => ping.CallAsync("{}").WaitAsync(TestTimeouts.Default));

        Assert.Contains("has to be signed in to anew", problem.Message, StringComparison.Ordinal);
        Assert.False(problem.InDoubt);
        Assert.Equal(1, world.Authority.Registrations);
        var (code, said) = await SignInAsync(world.Process(), settings);
        Assert.True(code == 0, said);
        Assert.Equal("pong", await (await home.ToolAsync("tickets_ping")).CallAsync("{}"));
        AssertSecret(world, home);
    }

    [Fact]
    public async Task SignIn_InABrowserElsewhere_TakesThePastedAddress()
    {
        await using var world = await SignInWorld.StartAsync();
        var pasted = new LaterReader();

        var (code, said) = await SignInAsync(world.Process(), world.Settings(), open: async address =>
        {
            using var handler = new HttpClientHandler { AllowAutoRedirect = false };
            using var browser = new HttpClient(handler);
            using var answer = await browser.GetAsync(address);
            pasted.Type("what is this?");
            pasted.Type(answer.Headers.Location!.ToString());
        }, input: pasted);

        Assert.True(code == 0, said);
        Assert.Contains("That is not the address", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ClientCredentials_TokenThatIsOver_IsReplacedInARun(bool basic)
    {
        await using var world = await SignInWorld.StartAsync(new AuthorizationServer { TakesBasic = basic });
        var settings = world.Settings(McpOAuthOptions.ClientCredentials);
        (settings.OAuth.ClientId, settings.OAuth.ClientSecret) = (AuthorizationServer.ClientId, AuthorizationServer.ClientSecret);
        await using var home = await WorkerAsync(world.Process(), settings);
        var ping = await home.ToolAsync("tickets_ping");
        Assert.Equal("pong", await ping.CallAsync("{}"));
        Assert.Equal(1, world.Authority.TokensOfClients);

        world.Authority.Expire();

        Assert.Equal("pong", await ping.CallAsync("{}"));
        Assert.Equal((2, 0), (world.Authority.TokensOfClients, world.Authority.Registrations));
        AssertSecret(world, home);
    }

    [Fact]
    public async Task ClientCredentials_SecretThatIsWrong_IsSaidWithoutIt()
    {
        await using var world = await SignInWorld.StartAsync();
        var settings = world.Settings(McpOAuthOptions.ClientCredentials);
        (settings.OAuth.ClientId, settings.OAuth.ClientSecret) = (AuthorizationServer.ClientId, "not-the-secret");
        await using var home = await WorkerAsync(world.Process(), settings);

        await home.Logs.WaitForAsync(LogLevel.Warning, "ClientId and ClientSecret have to be those that it knows");
        Assert.DoesNotContain(Logged(home), line => line.Contains("not-the-secret", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Logged(McpHome home) => Levels.SelectMany(home.Logs.At);

    // Neither logged nor readable on disk.
    private static void AssertSecret(SignInWorld world, McpHome home)
    {
        string[] written = [.. Logged(home), .. Directory.Exists(Path.Combine(world.DataDirectory, "mcp"))
            ? Directory.GetFiles(Path.Combine(world.DataDirectory, "mcp")).Select(File.ReadAllText) : []];
        Assert.All(world.Authority.Secrets, secret =>
            Assert.DoesNotContain(written, text => text.Contains(secret, StringComparison.Ordinal)));
    }

    /// <summary>A keyboard at which nothing is typed until a test does.</summary>
    private sealed class LaterReader : TextReader
    {
        private readonly Channel<string> _lines = Channel.CreateBounded<string>(8);

        public void Type(string line) => Assert.True(_lines.Writer.TryWrite(line));

        public override async ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken)
            => await _lines.Reader.ReadAsync(cancellationToken);
    }
}
