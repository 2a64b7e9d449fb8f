using System.Net;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Access;

/// <summary>Tokens of a provider whose metadata has the keys.</summary>
public sealed class TokenProviderTests : IAsyncLifetime
{
    private FakeIssuer _issuer = null!;
    private GuardedApi _api = null!;

    public async Task InitializeAsync()
    {
        _issuer = await FakeIssuer.StartAsync();
        _api = await GuardedApi.StartAsync(new()
        {
            ["AgentStream:Access:Jwt:Key"] = null,
            ["AgentStream:Access:Jwt:Issuer"] = null,
            ["AgentStream:Access:Jwt:Authority"] = _issuer.Address,
        });
    }

    public async Task DisposeAsync()
    {
        await _api.DisposeAsync();
        await _issuer.DisposeAsync();
    }

    [Fact]
    public async Task Token_OfTheProvider_IsServed_AndOneOfAnybodyElseIsNot()
    {
        Assert.Equal(HttpStatusCode.OK, await AskAsync(_issuer.Token("anna")));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(_issuer.Token("anna", GuardedApi.Issuer)));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(GuardedApi.Token("anna", _issuer.Address)));

        await using var another = await FakeIssuer.StartAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(another.Token("anna", _issuer.Address)));
    }

    [Fact]
    public async Task Keys_ThatRotateInMidRun_LetTheSameSubjectGoOn()
    {
        var before = _issuer.Token("anna");
        await _api.BeginAsync("s1", before);
        await using var socket = await _api.Host.ConnectAsAsync(before, "/ws/chat/s1");
        await socket.UntilAsync("snapshot");

        _issuer.Rotate();

        // The keys are fetched anew because of this token, beside the requests that go on.
        using var patience = new CancellationTokenSource(TestTimeouts.Default);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await AskAsync(_issuer.Token("anna")) != HttpStatusCode.OK)
        {
            await pause.WaitForNextTickAsync(patience.Token);
        }

        using var more = await _api.SendAsync(
            HttpMethod.Post, "/api/sessions/s1/messages", _issuer.Token("anna"), new { message = "and more", message_id = "m2" });
        Assert.Equal(HttpStatusCode.Accepted, more.StatusCode);
        await socket.UntilAsync("run_queued");
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(_issuer.Token("bert"), "/api/sessions/s1"));
    }

    private async Task<HttpStatusCode> AskAsync(string authorization, string path = "/api/sessions")
    {
        using var response = await _api.SendAsync(HttpMethod.Get, path, authorization);
        return response.StatusCode;
    }
}
