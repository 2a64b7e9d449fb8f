using System.Net.Http.Json;
using System.Text.Json;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Api.Http;

/// <summary>What <c>/openapi/v1.json</c> says is what the routes take and answer.</summary>
public sealed class DescriptionTests : IAsyncLifetime
{
    private ApiHost _host = null!;
    private JsonElement _document;

    public async Task InitializeAsync()
    {
        _host = await ApiHost.StartAsync();
        _document = await _host.Http.GetFromJsonAsync<JsonElement>("/openapi/v1.json");
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public void Operations_AreTheRoutes()
    {
        // HEAD goes with GET, and CONNECT is how GET opens a socket over HTTP/2.
        var mapped = _host.Routes.Where(
            route => !route.StartsWith("HEAD ", StringComparison.Ordinal) && !route.StartsWith("CONNECT ", StringComparison.Ordinal))
            .Except(["GET /openapi/{documentName}.json"]);
        Assert.Equal(mapped.Order(StringComparer.Ordinal), Operations().Select(operation => operation.Name).Order(StringComparer.Ordinal));
        Assert.Equal(19, Operations().Count(operation => !IsOfAWire(operation.Name)));
    }

    [Fact]
    public void Operations_All_SayWhatTheyAnswerAndWhatIdsTake()
    {
        foreach (var (name, operation) in Operations())
        {
            Assert.NotEmpty(operation.Text("summary")!);
            var responses = operation.GetProperty("responses").EnumerateObject().ToList();
            Assert.Contains(responses, response =>
                response.Value.TryGetProperty("content", out var content)
                && (IsOfAWire(name) || content.TryGetProperty("application/problem+json", out _)));
            Assert.All(
                responses.Where(response => response.Name == "200"),
                response => Assert.True(response.Value.TryGetProperty("content", out _), name));
            Assert.All(
                ParametersOf(operation).Where(
                    parameter => parameter.Text("in") == "path" && parameter.Text("name") is not ("agent" or "model" or "response_id")),
                parameter => Assert.Equal("^[A-Za-z0-9_-]{1,128}$", parameter.GetProperty("schema").Text("pattern")));
        }
    }

    [Theory]
    [InlineData("GET /api/sessions/{session_id}", "before", """{"minimum":0,"type":"integer","format":"int64"}""")]
    [InlineData(
        "GET /api/sessions/{session_id}", "limit", """{"maximum":200,"minimum":1,"type":"integer","format":"int32","default":50}""")]
    [InlineData("GET /api/sessions", "limit", """{"maximum":200,"minimum":1,"type":"integer","format":"int32","default":50}""")]
    [InlineData("GET /api/sessions", "search", """{"maxLength":200,"type":"string"}""")]
    [InlineData("GET /api/sessions/{session_id}/export", "format", """{"enum":["markdown","json"],"type":"string","default":"markdown"}""")]
    [InlineData("GET /api/sessions/{session_id}/events", "after", """{"minimum":0,"type":"integer","format":"int64"}""")]
    [InlineData(
        "GET /api/sessions/{session_id}/events", "Last-Event-ID", """{"pattern":"^[A-Za-z0-9_-]{1,128}:[0-9]+$","type":"string"}""")]
    [InlineData("GET /ws/chat/{session_id}", "after", """{"minimum":0,"type":"integer","format":"int64"}""")]
    public void Parameter_Always_HasItsBounds(string operation, string parameter, string schema)
    {
        var found = ParametersOf(Operations().Single(one => one.Name == operation).Operation)
            .Single(one => one.Text("name") == parameter)
            .GetProperty("schema");
        Assert.Equal(Sorted(JsonDocument.Parse(schema).RootElement), Sorted(found));
    }

    [Theory]
    [InlineData("ChatPayload", "message", "minLength", "1")]
    [InlineData("ChatPayload", "message_id", "pattern", "^[!-~]{1,128}$")]
    [InlineData("ChatPayload", "replaces_run_id", "pattern", "^[A-Za-z0-9_-]{1,128}$")]
    [InlineData("ChatPayload", "max_iterations", "maximum", "200")]
    [InlineData("ChatPayload", "temperature", "maximum", "2")]
    [InlineData("ChatPayload", "max_tokens", "minimum", "1")]
    [InlineData("ChatPayload", "on_busy", "enum", """["enqueue","reject","interrupt","steer"]""")]
    [InlineData("RenameBody", "title", "maxLength", "200")]
    [InlineData("ApprovalBody", "reason", "maxLength", "2000")]
    [InlineData("ToolResultBody", "result", "maxLength", "64000")]
    public void Property_OfABody_HasItsBounds(string body, string property, string bound, string value)
        => Assert.Equal(value, Compact(Schema(body).GetProperty("properties").GetProperty(property).GetProperty(bound)));

    [Theory]
    [InlineData("ChatPayload", "message")]
    [InlineData("RenameBody", "title")]
    [InlineData("ApprovalBody", "approved")]
    [InlineData("ToolResultBody", "result")]
    public void Body_Always_SaysWhatItNeeds(string body, string required)
        => Assert.Equal([required], Schema(body).GetProperty("required").EnumerateArray().Select(name => name.GetString()!));

    [Fact]
    public void PostMessage_Waiting_MayFindTheSessionGone()
        => Assert.True(Operations()
            .Single(one => one.Name == "POST /api/sessions/{session_id}/messages")
            .Operation.GetProperty("responses")
            .TryGetProperty("404", out _));

    private static bool IsOfAWire(string operation)
        => operation.Contains(" /ag-ui/", StringComparison.Ordinal) || operation.Contains(" /api/chat", StringComparison.Ordinal)
            || operation.Contains(" /v1/", StringComparison.Ordinal) || operation.Contains(" /mcp", StringComparison.Ordinal)
            || operation.Contains(" /a2a/", StringComparison.Ordinal) || operation.Contains(" /.well-known/", StringComparison.Ordinal)
            || operation.Contains(" /threads", StringComparison.Ordinal)
            || operation.Contains(" /ws/ui-messages", StringComparison.Ordinal);

    private JsonElement Schema(string name) => _document.GetProperty("components").GetProperty("schemas").GetProperty(name);

    private IEnumerable<(string Name, JsonElement Operation)> Operations()
        => from path in _document.GetProperty("paths").EnumerateObject()
           from operation in path.Value.EnumerateObject()
           select ($"{operation.Name.ToUpperInvariant()} {path.Name}", operation.Value);

    private static IEnumerable<JsonElement> ParametersOf(JsonElement operation)
        => operation.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray() : [];

    private static IEnumerable<string> Sorted(JsonElement schema)
        => schema.EnumerateObject().Select(field => $"{field.Name}={Compact(field.Value)}").Order(StringComparer.Ordinal);

    private static string Compact(JsonElement value)
        => value.ValueKind == JsonValueKind.Array ? JsonSerializer.Serialize(value) : value.ToString();
}
