using System.Collections.Concurrent;
using System.Net;
using System.Text;
using AgentStream.Access;
using AgentStream.Access.Providers;
using AgentStream.Access.Records;
using AgentStream.Messaging.Embedded;
using AgentStream.Tests.Support;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Access.Providers;

/// <summary>What follows from what a provider says of people who are signed in, and from its silence.</summary>
public sealed class ProviderRolesTests : IDisposable
{
    private const string FirstToken = "the-first-access-token";
    private const string FirstRefresh = "the-first-refresh-token";

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly TemporaryDirectory _data = new();
    private readonly CollectedLogs _logs = new();
    private readonly LoggerFactory _loggers;
    private readonly FakeProvider _provider = new();
    private readonly FileAccessStore _store;
    private readonly AccessRecords _records;
    private readonly CallerFactory _callers;
    private readonly ProviderGrants _grants;
    private readonly ProviderClient _client;
    private readonly ProviderRoles _roles;
    private readonly OpenIdConnectAccessOptions _settings = new()
    {
        ClientId = "agentstream",
        ClientSecret = "the-secret-of-the-client",
        RoleCheckPatience = TimeSpan.FromMinutes(10),
    };

    public ProviderRolesTests()
    {
        _loggers = new LoggerFactory([_logs]);
        _store = new FileAccessStore(Options.Create(new EmbeddedOptions { DataDirectory = _data.Path }), _time);
        _records = new AccessRecords(_store, _time, _loggers.CreateLogger<AccessRecords>());
        _callers = new CallerFactory(
            Options.Create(new AccessOptions { Roles = "staff: read chat; ops: read chat approve admin" }), _time);
        _grants = new ProviderGrants(new EphemeralDataProtectionProvider(), _store, _records, _callers, _time);
        _client = new ProviderClient(Options.Create(_settings), _time, _provider);
        _roles = NewServer();
    }

    private IEnumerable<string> Logged => Enum.GetValues<LogLevel>().SelectMany(_logs.At);

    public void Dispose()
    {
        _client.Dispose();
        _records.Dispose();
        _provider.Dispose();
        _loggers.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task Check_OfSomebodyWhoHasTheirRoles_LeavesThemAlone()
    {
        var anna = await SignInAsync();

        await _roles.CheckAsync(anna, default);

        Assert.True(_records.IsGood(anna));
        Assert.Equal([$"Bearer {FirstToken}"], _provider.Asked);
    }

    [Theory]
    [InlineData("""{"sub":"anna","roles":["staff"]}""")]
    [InlineData("""{"sub":"anna","roles":"staff"}""")]
    [InlineData("""{"sub":"anna","roles":[]}""")]
    [InlineData("""{"sub":"anna"}""")]
    public async Task Check_OfSomebodyWhoLostARole_EndsAllTheyHave(string says)
    {
        var anna = await SignInAsync();
        var elsewhere = await SignInAsync();
        var ben = await SignInAsync("ben");
        _provider.UserInfo = (HttpStatusCode.OK, says);
        _time.Advance(TimeSpan.FromSeconds(1));

        await _roles.CheckAsync(anna, default);

        Assert.False(_records.IsGood(anna));
        Assert.False(_records.IsGood(elsewhere));
        Assert.True(_records.IsGood(ben));
        Assert.Null(await _grants.FindAsync(anna.Credential, default));
    }

    [Fact]
    public async Task Check_OfSomebodyWithMoreRolesThanBefore_LeavesThemAlone()
    {
        var anna = await SignInAsync(roles: ["staff"]);
        _provider.UserInfo = (HttpStatusCode.OK, """{"sub":"anna","roles":["staff","ops"]}""");

        await _roles.CheckAsync(anna, default);

        Assert.True(_records.IsGood(anna));
    }

    [Fact]
    public async Task Check_WithATokenThatComesToItsEnd_GetsAnotherAndKeepsIt()
    {
        var anna = await SignInAsync();
        _time.Advance(TimeSpan.FromMinutes(5));

        await _roles.CheckAsync(anna, default);
        await _roles.CheckAsync(anna, default);

        Assert.Equal(["Bearer the-next-access-token", "Bearer the-next-access-token"], _provider.Asked);
        var form = Assert.Single(_provider.Renewals);
        Assert.Equal(
            "grant_type=refresh_token&refresh_token=the-first-refresh-token&client_id=agentstream&client_secret=the-secret-of-the-client",
            form);
        Assert.Equal("the-next-refresh-token", (await _grants.FindAsync(anna.Credential, default))!.RefreshToken);
    }

    [Fact]
    public async Task Check_WithATokenThatIsRefused_GetsAnotherAndAsksAgain()
    {
        var anna = await SignInAsync();
        _provider.Refused = FirstToken;

        await _roles.CheckAsync(anna, default);

        Assert.True(_records.IsGood(anna));
        Assert.Equal([$"Bearer {FirstToken}", "Bearer the-next-access-token"], _provider.Asked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Check_OfASignInThatTheProviderKnowsNoMore_EndsItAndNoOther(bool hasRefreshToken)
    {
        var anna = await SignInAsync(refreshToken: hasRefreshToken ? FirstRefresh : null);
        var elsewhere = await SignInAsync();
        _provider.Refused = FirstToken;
        _provider.Renewal = (HttpStatusCode.BadRequest, """{"error":"invalid_grant"}""");

        await _roles.CheckAsync(anna, default);

        Assert.False(_records.IsGood(anna));
        Assert.True(_records.IsGood(elsewhere));
    }

    public static TheoryData<string> Silences => 
        ["breaks", "503", "429", "no json", "half a character", "of somebody else", "token endpoint", "no token"];

    [Theory]
    [MemberData(nameof(Silences))]
    public async Task Check_ThatTheProviderDoesNotAnswer_IsBorneWithForTheTimeThatIsSet_AndSaidOnce(string how)
    {
        var anna = await SignInAsync(refreshToken: how == "no token" ? null : FirstRefresh);
        switch (how)
        {
            case "breaks":
                _provider.Breaks = true;
                break;
            case "503":
                _provider.UserInfo = (HttpStatusCode.ServiceUnavailable, "");
                break;
            case "429":
                _provider.UserInfo = (HttpStatusCode.TooManyRequests, "");
                break;
            case "no json":
                _provider.UserInfo = (HttpStatusCode.OK, "<html>");
                break;
            case "half a character":
                _provider.UserInfo = (HttpStatusCode.OK, """{"sub":"anna","roles":["\ud800"]}""");
                break;
            case "of somebody else":
                _provider.UserInfo = (HttpStatusCode.OK, """{"sub":"ben","roles":["staff","ops"]}""");
                break;
            case "token endpoint":
                _provider.Renewal = (HttpStatusCode.Unauthorized, """{"error":"invalid_client"}""");
                break;
        }

        // A token that has ended is asked for anew, and where it can't be had, nothing can be asked.
        _time.Advance(TimeSpan.FromMinutes(5));
        await _roles.CheckAsync(anna, default);
        _time.Advance(_settings.RoleCheckPatience - TimeSpan.FromSeconds(1));
        await NewServer().CheckAsync(anna, default);
        await _roles.CheckAsync(anna, default);
        Assert.True(_records.IsGood(anna));

        _time.Advance(TimeSpan.FromSeconds(1));
        await _roles.CheckAsync(anna, default);

        Assert.False(_records.IsGood(anna));

        // Each of the two servers.
        Assert.Equal(2, Logged.Count(line => line.Contains("can't be asked whether people", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Check_ThatIsAnsweredAgain_BeginsToBearWithAnew()
    {
        var anna = await SignInAsync();
        _provider.Breaks = true;
        await _roles.CheckAsync(anna, default);
        _time.Advance(_settings.RoleCheckPatience - TimeSpan.FromSeconds(1));
        _provider.Breaks = false;
        await _roles.CheckAsync(anna, default);
        _provider.Breaks = true;
        _time.Advance(TimeSpan.FromSeconds(2));

        await _roles.CheckAsync(anna, default);

        Assert.True(_records.IsGood(anna));
    }

    [Fact]
    public async Task Check_OfASignInThatBeganElsewhere_AsksNobody()
    {
        await _roles.CheckAsync(_callers.SignIn(PrincipalIds.OfName("code", "ANNA"), "Anna", []), default);

        Assert.Empty(_provider.Asked);
    }

    [Fact]
    public async Task Tokens_AreKeptEncrypted_AndInNoLog()
    {
        var anna = await SignInAsync();
        _time.Advance(TimeSpan.FromMinutes(5));
        await _roles.CheckAsync(anna, default);
        _provider.Breaks = true;
        await _roles.CheckAsync(anna, default);

        var kept = Directory.GetFiles(_data.Path, "*", SearchOption.AllDirectories).Select(File.ReadAllText).Concat(Logged).ToList();
        Assert.NotEmpty(kept);
        Assert.All(kept, text => Assert.DoesNotContain("-token", text, StringComparison.Ordinal));
        Assert.All(kept, text => Assert.DoesNotContain("the-secret", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Watch_OfSeveralServers_AsksOnceInAnIntervalAboutWhoIsThere()
    {
        var anna = await SignInAsync();
        var ways = new AccessWays { OpenIdConnect = true };
        var access = Options.Create(new AccessOptions { Roles = "ops: read" });
        var servers = Enumerable.Range(0, 2).Select(_ =>
        {
            var signIns = new ActiveSignIns(access, Options.Create(_settings), ways, _time);
            var watch = new ProviderWatch(
                signIns, NewServer, _store, Options.Create(_settings), _time, _loggers.CreateLogger<ProviderWatch>());
            return (SignIns: signIns, Watch: watch);
        }).ToList();

        // Each several times, as for each of what she has open.
        await LookAsync();
        await LookAsync();
        Assert.Single(_provider.Asked);

        _time.Advance(_settings.RoleCheckInterval);
        await LookAsync();
        Assert.Equal(2, _provider.Asked.Count);

        // Nobody is asked about who has gone.
        _time.Advance(TimeSpan.FromMinutes(1));
        await Task.WhenAll(servers.Select(server => server.Watch.LookAsync(default)));
        Assert.Equal(2, _provider.Asked.Count);
        servers.ForEach(server => server.Watch.Dispose());

        Task LookAsync() => Task.WhenAll(servers.Select(server =>
        {
            server.SignIns.Note(anna);
            server.SignIns.Note(anna);
            return server.Watch.LookAsync(default);
        }));
    }

    private ProviderRoles NewServer() => new(
        _client, _grants, _store, _records, _callers, Options.Create(_settings), _time, _loggers.CreateLogger<ProviderRoles>());

    private async Task<Caller> SignInAsync(string name = "anna", string[]? roles = null, string? refreshToken = FirstRefresh)
    {
        roles ??= ["staff", "ops"];
        var caller = _callers.SignIn(PrincipalIds.OfSubject("https://provider.example", name), name, roles);
        await _grants.KeepAsync(
            caller,
            new ProviderTokens
            {
                Subject = name,
                Roles = roles,
                UserInfoAddress = "https://provider.example/me",
                TokenAddress = "https://provider.example/token",
                AccessToken = FirstToken,
                AccessTokenLifetime = TimeSpan.FromMinutes(5),
                RefreshToken = refreshToken,
            },
            default);
        return caller;
    }

    private sealed class FakeProvider : HttpMessageHandler
    {
        public ConcurrentQueue<string> Asked { get; } = new();

        public ConcurrentQueue<string> Renewals { get; } = new();

        public (HttpStatusCode Status, string Body) UserInfo { get; set; } =
            (HttpStatusCode.OK, """{"sub":"anna","roles":["staff","ops"]}""");

        public (HttpStatusCode Status, string Body) Renewal { get; set; } = (
            HttpStatusCode.OK,
            """{"access_token":"the-next-access-token","refresh_token":"the-next-refresh-token","expires_in":3600,"token_type":"Bearer"}""");

        public string? Refused { get; set; }

        public bool Breaks { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Breaks)
            {
                throw new HttpRequestException("the wire is cut");
            }

            var answer = Renewal;
            if (request.Method == HttpMethod.Post)
            {
                Renewals.Enqueue(await request.Content!.ReadAsStringAsync(cancellationToken));
            }
            else
            {
                Asked.Enqueue(request.Headers.Authorization!.ToString());
                answer = request.Headers.Authorization.Parameter == Refused ? (HttpStatusCode.Unauthorized, "") : UserInfo;
            }

            return new HttpResponseMessage(answer.Status)
            {
                Content = new StringContent(answer.Body, Encoding.UTF8, "application/json"),
            };
        }
    }
}
