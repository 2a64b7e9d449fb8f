using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AgentStream.Tests.Access;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Api.Wires.OpenAI;

/// <summary>Whose a run is, holds on these wires too.</summary>
public sealed class KeyHolderTests : IAsyncLifetime
{
    private const string Path = "/v1/responses";

    private GuardedApi _api = null!;

    public async Task InitializeAsync() => _api = await GuardedApi.StartAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Response_OfSomebodyElse_IsNotThereWhateverIsAsked()
    {
        var (owner, other) = (await _api.KeyAsync("owner"), await _api.KeyAsync("other"));
        var id = await CreateAsync(owner);
        var absent = id[..^1] + (id[^1] == '0' ? '1' : '0');
        foreach (var (method, rest) in new[] { ("GET", ""), ("GET", "?stream=true"), ("POST", "/cancel") })
        {
            using var theirs = await SendAsync(method, $"{Path}/{id}{rest}", other);
            using var nothing = await SendAsync(method, $"{Path}/{absent}{rest}", other);
            await OpenAIStream.AssertErrorAsync(theirs, HttpStatusCode.NotFound, "not_found");
            Assert.Equal(await nothing.Content.ReadAsStringAsync(), await theirs.Content.ReadAsStringAsync());
        }

        foreach (var body in new object[]
        {
            new { model = "a", input = "hi", previous_response_id = id },
            new { model = "a", input = "hi", background = true, conversation = id.Split('_')[^1] },
        })
        {
            using var response = await SendAsync("POST", Path, other, body);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }

        using var still = await SendAsync("GET", $"{Path}/{id}", owner);
        Assert.Equal("queued", (await still.Content.ReadFromJsonAsync<JsonElement>()).Text("status"));
    }

    [Fact]
    public async Task Key_TheSameOfTwoCallers_IsTwoRuns()
    {
        var ids = new[] { await CreateAsync(await _api.KeyAsync("one"), "k"), await CreateAsync(await _api.KeyAsync("two"), "k") };
        Assert.Equal(2, ids.Distinct().Count());
    }

    [Fact]
    public async Task Caller_WhoIsNotKnown_IsToldInOpenAIsWords()
    {
        using var response = await SendAsync("POST", Path, null, new { model = "a", input = "hi" });
        await OpenAIStream.AssertErrorAsync(response, HttpStatusCode.Unauthorized, "unauthenticated");
    }

    private async Task<string> CreateAsync(string caller, string? key = null)
    {
        using var response = await SendAsync("POST", Path, caller, new { model = "a", input = "hi", background = true }, key);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).Text("id")!;
    }

    private Task<HttpResponseMessage> SendAsync(string method, string path, string? caller, object? body = null, string? key = null)
        => OpenAIStream.SendAsync(_api.Http, new HttpMethod(method), path, body, key, caller);
}
