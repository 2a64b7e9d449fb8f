using System.Net;
using AgentStream.Messaging;
using AgentStream.Tests.Messaging.Contract;

namespace AgentStream.Tests.Access;

/// <summary>
/// Ids may be guessed, "default" for example: a session that somebody begins between an attacker's asking and what is done about it
/// is theirs. Whose it is, is decided where it is read and changed, not before.
/// </summary>
public sealed class ChangedHandsTests : IAsyncLifetime
{
    private const string Session = "default";
    private const string Words = "kept from all others";

    private GuardedApi _api = null!;
    private string _attacker = "";

    public async Task InitializeAsync()
    {
        _api = await GuardedApi.StartAsync();
        _attacker = await _api.KeyAsync("attacker");
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Theory]
    [InlineData("DELETE", "/api/sessions/default")]
    [InlineData("PATCH", "/api/sessions/default")]
    [InlineData("POST", "/ag-ui/assistant/stop/default")]
    [InlineData("POST", "/api/chat/default/stop")]
    [InlineData("POST", "/api/sessions/default/runs/{0}/cancel")]
    public async Task Change_OfASessionThatSomebodyBeginsMeanwhile_IsNotMade(string method, string path)
    {
        var request = Make.Request(session: SessionId.Parse(Session), message: Words) with { Owner = PrincipalId.Parse("key:victim") };
        _api.Host.Store.Meanwhile = async () => await _api.Host.Queue.EnqueueAsync(request);

        using var response = await _api.SendAsync(
            new HttpMethod(method), path.Replace("{0}", request.RunId.Value, StringComparison.Ordinal), _attacker,
            method == "PATCH" ? new { title = "owned" } : null);

        Assert.Contains(response.StatusCode, new[] { HttpStatusCode.NotFound, HttpStatusCode.Conflict });
        var head = await _api.Host.Log.GetHeadAsync(request.SessionId);
        Assert.Equal((request.Owner, new Offset(1)), (head.Owner, head.LastSeq));
        Assert.NotEqual("owned", head.Title);
    }

    [Theory]
    [InlineData("/api/sessions/default")]
    [InlineData("/api/sessions/default/export?format=json")]
    [InlineData("/ag-ui/assistant/connect/default")]
    public async Task Reading_OfASessionThatChangesHandsMeanwhile_ShowsNothingOfTheNewOwner(string path)
    {
        await _api.BeginAsync(Session, _attacker);
        var request = Make.Request(session: SessionId.Parse(Session), message: Words) with { Owner = PrincipalId.Parse("key:victim") };
        _api.Host.Store.Meanwhile = async () =>
        {
            await _api.Host.Log.EraseAsync(request.SessionId);
            await _api.Host.Queue.EnqueueAsync(request);
        };

        using var response = await _api.SendAsync(HttpMethod.Get, path, _attacker);

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        Assert.DoesNotContain(Words, await response.Content.ReadAsStringAsync(patience.Token), StringComparison.Ordinal);
        Assert.Equal(PrincipalId.Parse("key:victim"), (await _api.Host.Log.GetHeadAsync(request.SessionId)).Owner);
    }
}
