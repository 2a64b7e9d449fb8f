using System.Net;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Access.Abuse;

/// <summary>
/// Requests as an attacker would write them, with foreign origins, smuggled headers, tricks of paths and what is there twice:
/// each is refused with the documented answer, and a run on the same server goes on undisturbed.
/// </summary>
public sealed class RequestAbuseTests : IAsyncLifetime
{
    private GuardedApi _api = null!;
    private string _owner = "";
    private string _other = "";

    public async Task InitializeAsync()
    {
        _api = await GuardedApi.StartAsync();
        (_owner, _other) = (await _api.KeyAsync("owner"), await _api.KeyAsync("other"));
        await _api.BeginAsync("owned", _owner);
    }

    public async Task DisposeAsync()
    {
        // Nobody else was disturbed, whatever came.
        var run = await _api.Host.ClaimAsync();
        await run.CompleteAsync("done");
        using var response = await _api.SendAsync(HttpMethod.Get, "/api/sessions/owned", _owner);
        Assert.Contains("done", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task Socket_OfAPageWhoseOriginLooksAlike_IsRefused()
    {
        string[] lookAlikes =
        [
            "http://localhost:7860.evil.example", "http://localhost.evil.example:7860", "http://localhost:78600", "http://localhost:786",
            "http://evil.example/http://localhost:7860", "http://evil.example#http://localhost:7860",
            "http://localhost:7860@evil.example", "http://evil.example@localhost:7860", "http://localhost:7860/", "http://localhost:7860/x",
            "http://localhost:7860?", "https://localhost:7860", "ws://localhost:7860", "http://127.0.0.1.nip.io:7860",
            "http://127.0.0.2:7860", "http://2130706433:7860", "http://0x7f.1:7860", "http://[::ffff:127.0.0.1]:7860",
            "http://localhost.:7860", "http://xlocalhost:7860", "localhost:7860", "//localhost:7860", "file://", "null", "NULL", "*",
            "http://localhost:7860 http://evil.example", "http://localhost:7860, http://evil.example", "http://localhost:7860\thttp://x",
        ];
        foreach (var origin in lookAlikes)
        {
            foreach (var path in new[] { "/ws/chat/owned", "/api/sessions/owned/events", "/api/sessions/owned" })
            {
                using var response = await _api.SendAsync(HttpMethod.Get, path, _owner, headers: headers =>
                {
                    headers.TryAddWithoutValidation("Origin", origin);
                    headers.Connection.Add("Upgrade");
                    headers.Upgrade.Add(new("websocket"));
                    headers.Add("Sec-WebSocket-Version", "13");
                    headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
                });
                Assert.True(response.StatusCode == HttpStatusCode.Forbidden, $"{origin} {path}: {response.StatusCode}");
                await Problems.AssertAsync(response, "origin_not_allowed");
            }
        }
    }

    [Fact]
    public async Task Head_ThatSmuggles_IsRefused()
    {
        (string Lines, int Status)[] heads =
        [
            ("Origin: http://localhost:7860\r\nOrigin: http://evil.example", 403), ("Host: evil.example", 400),
            ("Authorization : nothing", 400), (" folded: line", 400), ("X-Test: a\r\n b", 400), ("X-Test-User", 400),
            ("Content-Length: 5\r\nContent-Length: 6", 400), ("Content-Length: -1", 400),
            ("Transfer-Encoding: chunked, identity", 400), ("Transfer-Encoding: xchunked", 400),
            ("X_Test_User: owner", 401), ("X-HTTP-Method-Override: DELETE", 401),
            ("X-Forwarded-For: 127.0.0.1\r\nX-Original-URL: /api/sessions/owned\r\nX-Rewrite-URL: /health", 401),
        ];
        foreach (var (lines, status) in heads)
        {
            var answer = await AskAsync("GET /api/sessions/owned HTTP/1.1", lines);
            Assert.True(answer.StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal), $"{lines}: {answer.Split('\r')[0]}");
            Assert.DoesNotContain("mine", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Body_ThatHoldsAnotherRequest_LendsItNoCredential()
    {
        const string Hidden = "0\r\n\r\nGET /api/sessions/owned HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        var answer = await AskAsync(
            "PATCH /api/sessions/owned HTTP/1.1",
            $"Authorization: {_owner}\r\nContent-Type: application/json\r\nContent-Length: {Hidden.Length}\r\nTransfer-Encoding: chunked",
            Hidden, closes: false);

        Assert.DoesNotContain("mine", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 200", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Path_WrittenInAnotherWay_LeadsNobodyPastThePolicies()
    {
        string[] paths =
        [
            "/api/sessions/owned/", "/API/SESSIONS/owned", "/api//sessions/owned", "//api/sessions/owned", "/./api/sessions/owned",
            "/api/./sessions/owned", "/api/x/../sessions/owned", "/health/../api/sessions/owned", "/api/sessions/%6fwned",
            "/%61pi/sessions/owned", "/api%2fsessions%2fowned", "/api/sessions%2fowned", "/api/sessions/owned%2f", "/api/sessions/owned%00",
            "/api/sessions/owned;x=1", "/api/sessions/x/%2e%2e/owned", "/api/sessions/..%2fsessions%2fowned", "/api\\sessions\\owned",
            "/api/sessions/owned%20", "/api/sessions/owned%0d%0aX: y", "/api/sessions/%c0%af", "/api/sessions/owned/events%3f",
            "/ws/chat/../../api/sessions/owned", "/ws/chat/..%2f..%2fapi%2fsessions%2fowned", "http://localhost/api/sessions/owned",
            "/openapi/../api/sessions/owned", "/openapi/..%2fowned.json", "/api/sessions/owned/export/../",
            "/api/sessions/owned?_method=GET&user=owner", "*", "/api/sessions/owned#x",
        ];
        foreach (var path in paths)
        {
            foreach (var credential in new[] { "X-Nothing: 1", $"Authorization: {_other}" })
            {
                var answer = await AskAsync($"GET {path} HTTP/1.1", credential);
                var status = int.Parse(answer["HTTP/1.1 ".Length..][..3], System.Globalization.CultureInfo.InvariantCulture);
                Assert.True(status is >= 300 and < 500, $"{path}: {status}");
                Assert.DoesNotContain("mine", answer, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Parameter_GivenTwice_IsRefused()
    {
        string[] paths =
        [
            "/api/sessions?limit=1&limit=2", "/api/sessions?search=a&search=b", "/api/sessions?search=a&SEARCH=b",
            "/api/sessions/owned?before=1&before=2", "/api/sessions/owned/events?after=1&after=2",
            "/api/sessions/owned/export?format=json&format=markdown", "/ws/chat/owned?epoch=a&epoch=b",
        ];
        foreach (var path in paths)
        {
            using var response = await _api.SendAsync(HttpMethod.Get, path, _owner);
            Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{path}: {response.StatusCode}");
            var isCursor = path.Contains("after=", StringComparison.Ordinal) || path.Contains("epoch=", StringComparison.Ordinal);
            await Problems.AssertAsync(response, isCursor ? "invalid_cursor" : "invalid_option");
        }
    }

    [Fact]
    public async Task Field_GivenTwice_IsRefused_OverBothWires()
    {
        const string Twice = """{"message":"a","message_id":"m2","message":"b"}""";
        var answer = await AskAsync(
            "POST /api/sessions/owned/messages HTTP/1.1",
            $"Authorization: {_owner}\r\nContent-Type: application/json\r\nContent-Length: {Twice.Length}", Twice);
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("urn:agentstream:error:invalid_json", answer, StringComparison.Ordinal);

        await using var client = await _api.Host.ConnectAsAsync(_owner, "/ws/chat/owned");
        await client.UntilAsync("snapshot");
        await client.SendAsync($$"""{"type":"ping","type":"chat","payload":{{Twice}}}""");
        Assert.Equal("invalid_json", (await client.NextAsync("error")).Data().Text("code"));
    }

    [Theory]
    [InlineData("AgentStream:Api:MaxJsonDepth", null, 32)]
    [InlineData("AgentStream:Api:MaxJsonDepth", "8", 8)]
    public async Task Json_NestedDeeperThanAllowed_IsRefused_OverBothWires(string setting, string? value, int depth)
    {
        await using var host = await ApiHost.StartAsync(new() { [setting] = value });
        await using var client = await host.ConnectAsync("/ws/chat/deep");
        await client.UntilAsync("snapshot");

        // The payload is the second level of a frame, and the first one of a body.
        await client.SendAsync($$"""{"type":"chat","payload":{"message":"a","context":{{Nested(depth - 2)}} } }""");
        await client.UntilAsync("run_queued");
        await client.SendAsync($$"""{"type":"chat","payload":{"message":"a","context":{{Nested(depth - 1)}} } }""");
        var error = (await client.UntilAsync("error"))[^1].Data();
        Assert.Equal("invalid_json", error.Text("code"));
        Assert.Contains($" {depth} ", error.Text("message"), StringComparison.Ordinal);
        await client.SendAsync(string.Concat(Enumerable.Repeat("{\"type\":", 100_000)));
        Assert.Equal("invalid_json", (await client.UntilAsync("error"))[^1].Data().Text("code"));

        using var body = new StringContent(
            $$"""{"message":"a","context":{{Nested(depth)}}}""", System.Text.Encoding.UTF8, "application/json");
        using var response = await host.Http.PostAsync("/api/sessions/deep/messages", body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        await Problems.AssertAsync(response, "invalid_json");
    }

    private static string Nested(int levels)
        => string.Concat(Enumerable.Repeat("{\"a\":", levels - 1)) + "{}" + new string('}', levels - 1);

    private async Task<string> AskAsync(string line, string lines, string body = "", bool closes = true)
    {
        using var connection = await RawConnection.OpenAsync(_api.Host.Address);
        var host = $"Host: {_api.Host.Address.Authority}";
        await connection.SendAsync($"{line}\r\n{host}\r\n{lines}\r\n{(closes ? "Connection: close\r\n" : "")}\r\n{body}");
        return await connection.ReadToEndAsync();
    }
}
