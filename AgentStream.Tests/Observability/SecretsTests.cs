using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using AgentStream.Tests.Access;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Observability.Collector;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;
using AgentStream.Tests.Support.Processes;
using AgentStream.Tests.Wire.Fake;

namespace AgentStream.Tests.Observability;

/// <summary>
/// Keys that are given in each of the ways, a service that logs all it can, and errors on every side: no key is to be read anywhere.
/// </summary>
[SystemTest]
public sealed class SecretsTests : IDisposable
{
    // Words rather than random text: no pattern that masks keys finds them.
    private const string OfAFile = "kept-from-all-eyes-in-a-file";
    private const string OfTheEnvironment = "kept-from-all-eyes-in-a-variable";
    private const string OfUserSecrets = "kept-from-all-eyes-of-a-developer";
    private const string OfAServer = "kept-from-all-eyes-but-a-tool-server";
    private const string OfTelemetry = "kept-from-all-eyes-but-a-collector";
    private const string OfTheTeam = "kept-from-all-eyes-but-the-team";
    private const string OfTokens = "kept-from-all-eyes-but-who-signs-tokens";

    private readonly TemporaryDirectory _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Secrets_GivenInEachWay_AreReadAndStandNowhere()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var models = await FakeOpenAIServer.StartAsync();
        models.Otherwise = request => FakeReply.Error(
            request.Authorization.Contains(OfAFile, StringComparison.Ordinal) ? 401 : 400, $"Nobody takes {request.Authorization} here");
        var secrets = Directory.CreateDirectory(Path.Combine(_home.Path, ".microsoft", "usersecrets", "AgentStream"));
        await File.WriteAllTextAsync(
            Path.Combine(secrets.FullName, "secrets.json"), $$"""{"AgentStream:Models:third:ApiKey":"{{OfUserSecrets}}"}""");
        await using var service = new StandaloneService([.. collector.Settings, .. Settings(models)]);
        await service.StartAsync();
        var token = GuardedApi.Token("anna", signing: GuardedApi.Sign(OfTokens));

        var (answers, link) = await AskAsync(service, token);
        service.Process.Terminate();
        Assert.Equal(0, await service.Process.WaitForExitAsync());

        // They did arrive where they were meant to: otherwise nothing would be shown by their absence elsewhere.
        Assert.Equal(
            [OfAFile, OfTheEnvironment, OfUserSecrets],
            models.Requests.Select(request => request.Authorization["Bearer ".Length..]).Distinct().Order(StringComparer.Ordinal));
        Assert.Contains("trce:", service.Process.Output, StringComparison.Ordinal);
        Assert.NotEmpty(collector.Spans);
        TraceAssert.AssertNoContent(
            collector, [service.Process.Output, .. answers],
            OfAFile, OfTheEnvironment, OfUserSecrets, OfAServer, OfTelemetry, OfTheTeam, OfTokens, token.Split('.')[^1], link);
    }

    private (string, string?)[] Settings(FakeOpenAIServer models) =>
    [
        ("DOTNET_ENVIRONMENT", "Development"),
        ("HOME", _home.Path),
        ("Logging__LogLevel__Default", "Trace"),
        ("Logging__LogLevel__Microsoft.AspNetCore", "Trace"),
        ("OPENAI_API_BASE", models.BaseAddress.ToString()),
        ("OPENAI_API_KEY_FILE", InAFile("openai", OfAFile)),
        ("AgentStream__Models__second__Type", "openai"),
        ("AgentStream__Models__second__BaseAddress", models.BaseAddress.ToString()),
        ("AgentStream__Models__second__ApiKey", OfTheEnvironment),
        ("AgentStream__Models__third__Type", "openai"),
        ("AgentStream__Models__third__BaseAddress", models.BaseAddress.ToString()),
        ("AgentStream__DefaultModel", "openai"),
        ("AgentStream__Mcp__away__Url", $"http://localhost:{FreePorts.Take(1)[0]}/"),
        ("AgentStream__Mcp__away__Headers__Authorization", $"Bearer {OfAServer}"),
        ("AgentStream__Mcp__local__Command", "a-program-that-is-not-there"),
        ("AgentStream__Mcp__local__Environment__TOKEN", OfAServer),
        ("OTEL_EXPORTER_OTLP_HEADERS_FILE", InAFile("telemetry", $"api-key={OfTelemetry}")),
        ("AgentStream__Access__Tls", "false"),
        ("AgentStream__Access__Code__CodeFile", InAFile("code", OfTheTeam)),
        ("AgentStream__Access__Jwt__Key", OfTokens),
        ("AgentStream__Access__Jwt__Issuer", GuardedApi.Issuer),
        ("AgentStream__Access__Jwt__Audience", GuardedApi.Audience),
    ];

    private string InAFile(string name, string secret)
    {
        File.WriteAllText(_home.File(name), secret + "\n");
        return _home.File(name);
    }

    /// <summary>Runs that fail, what is kept of them, the pages, and whoever tries to get in: all that is answered.</summary>
    private static async Task<(List<string> Answers, string Link)> AskAsync(StandaloneService service, string token)
    {
        using var client = new HttpClient { Timeout = TestTimeouts.Default };
        var answers = new List<string>();
        foreach (var model in (string[])["openai", "second", "third"])
        {
            using var run = new HttpRequestMessage(HttpMethod.Post, new Uri(service.Api, $"/api/sessions/{model}/messages?wait=true"))
            {
                Content = JsonContent.Create(new { message = "Hello?", model }),
            };
            run.Headers.Authorization = AuthenticationHeaderValue.Parse(token);
            await TakeAsync(run);
            await GetAsync(service.Api, $"/api/sessions/{model}", token);
            await GetAsync(service.Api, $"/api/sessions/{model}/export?format=markdown", token);
        }

        await GetAsync(service.Api, "/api/agents", token);
        await GetAsync(service.Api, "/api/sessions", token[..^10]);
        await GetAsync(service.Api, "/api/sessions?ticket=none", null);
        await GetAsync(service.Api, "/health", null);
        await GetAsync(service.Web, "/", null);
        await GetAsync(service.Web, "/sign-in", null);
        using var form = new HttpRequestMessage(HttpMethod.Post, new Uri(service.Web, "/sign-in"))
        {
            Content = new FormUrlEncodedContent([new("name", "Anna"), new("code", OfTheTeam)]),
        };
        await TakeAsync(form);
        var link = await LinkAsync();
        await GetAsync(service.Api, "/api/sessions/openai", $"Bearer {link}");
        await GetAsync(service.Api, "/api/sessions/second", $"Bearer {link}");
        return (answers, link);

        // What is told once, to who made it.
        async Task<string> LinkAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(service.Api, "/api/sessions/openai/links"))
            {
                Content = JsonContent.Create(new { }),
            };
            request.Headers.Authorization = AuthenticationHeaderValue.Parse(token);
            using var response = await client.SendAsync(request);
            return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
        }

        async Task GetAsync(Uri address, string path, string? authorization)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, path));
            request.Headers.Authorization = authorization is null ? null : AuthenticationHeaderValue.Parse(authorization);
            await TakeAsync(request);
        }

        async Task TakeAsync(HttpRequestMessage request)
        {
            using var response = await client.SendAsync(request);
            answers.Add($"{response.StatusCode} {response.Headers} {await response.Content.ReadAsStringAsync()}");
        }
    }
}
