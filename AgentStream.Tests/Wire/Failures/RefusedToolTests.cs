using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Wire.Fake;
using AgentStream.Tests.Worker.Running;
using AgentStream.Worker.Models.Resilience;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Wire.Failures;

/// <summary>Servers that refuse one tool of many, in the words that real ones use: it is left out, the run goes on and says so.</summary>
public sealed class RefusedToolTests : IAsyncLifetime, IDisposable
{
    private FakeOpenAIServer _server = null!;
    private WireModel _model = null!;

    public static TheoryData<int, string> Refusals => new()
    {
        {
            400,
            """{"error":{"message":"Invalid schema for function 'files_read': In context=('properties', 'a'), array schema missing items.","type":"invalid_request_error","param":"tools[1].function.parameters","code":"invalid_function_parameters"}}"""
        },
        {
            400,
            """{"error":{"message":"Invalid 'tools[1].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.","type":"invalid_request_error","param":"tools[1].function.name","code":"invalid_value"}}"""
        },
        {
            400,
            """{"error":{"message":"Invalid schema for function 'files_read': schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.","type":"invalid_request_error"}}"""
        },
        {
            400,
            """{"type":"error","error":{"type":"invalid_request_error","message":"tools.1.custom.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12"}}"""
        },
        {
            400,
            """[{"error":{"code":400,"message":"* GenerateContentRequest.tools[0].function_declarations[1].parameters.properties[a].items: missing field.\n","status":"INVALID_ARGUMENT"}}]"""
        },
        {
            422,
            """{"detail":[{"type":"dict_type","loc":["body","tools",1,"function","parameters"],"msg":"Input should be a valid dictionary"}]}"""
        },
        {
            400,
            """{"error":{"message":"invalid JSON schema for tool files_read, tools[1].function.parameters: `/properties/a`: unsupported","type":"invalid_request_error"}}"""
        },
        {
            500,
            """{"error":{"code":500,"message":"Failed to parse parameters of function files_read: unresolved ref","type":"server_error"}}"""
        },
    };

    public async Task InitializeAsync()
    {
        _server = await FakeOpenAIServer.StartAsync();
        _model = new WireModel(_server);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Run_WithAToolThatTheServerRefuses_GoesOnWithoutItAndSaysSo(int status, string body)
    {
        _server.Otherwise = request => NamesOf(request).Contains("files_read") ? FakeReply.Json(body, status) : FakeReply.Text("fine");
        var refused = 0;
        var refusals = _model.Client.GetService<RefusedToolChatClient>()!;
        refusals.Refused += () => refused++;

        var first = await RunAsync();
        var next = await RunAsync();

        Assert.Equal((RunStatus.Completed, "fine"), (first.Finished!.Status, first.Steps.Last().Content));
        Assert.Contains("refuses the tool files_read: it answers without it.", first.Steps.First().Content, StringComparison.Ordinal);
        // Remembered, and said in each run.
        Assert.Contains("refuses the tool files_read", next.Steps.First().Content, StringComparison.Ordinal);
        Assert.Equal(["look,files_read,files_write", "look,files_write", "look,files_write"], _server.Requests.TakeLast(3)
            .Select(request => string.Join(',', NamesOf(request))));
        Assert.Equal(1, refused);
        Assert.Equal(["files_read"], Tools().Where(tool => refusals.HasRefused(tool.Function)).Select(tool => tool.Name));
    }

    [Fact]
    public async Task Run_OnAClaudeThatRefusesATool_GoesOnWithoutItAndSaysSo()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        server.Otherwise = request => ClaudesNamesOf(request).Contains("files_read")
            ? AnthropicReply.Error(
                400, "invalid_request_error", "tools.1.custom.input_schema: input_schema does not support oneOf at the top level")
            : AnthropicReply.Text("fine");
        using var model = WireModel.Anthropic(server);
        var run = new LoopHarness(model.Client, Tools());

        await run.RunAsync();

        Assert.Equal((RunStatus.Completed, "fine"), (run.Finished!.Status, run.Steps.Last().Content));
        Assert.Contains("refuses the tool files_read", run.Steps.First().Content, StringComparison.Ordinal);
        Assert.Equal(["look", "files_write"], ClaudesNamesOf(server.Requests[^1]));
    }

    [Fact]
    public async Task Run_WithToolsRefusedOneAfterTheOther_GoesOnWithoutAllOfThem()
    {
        _server.Otherwise = request =>
            NamesOf(request).FirstOrDefault(name => name.StartsWith("files_", StringComparison.Ordinal)) is { } name
            ? FakeReply.Json(
                $$"""{"error":{"message":"Invalid schema for function '{{name}}': it is bad.","type":"invalid_request_error"} }""", 400)
            : FakeReply.Text("fine");

        var run = await RunAsync();

        Assert.Equal((RunStatus.Completed, "fine"), (run.Finished!.Status, run.Steps.Last().Content));
        Assert.Contains("refuses the tools files_read, files_write", run.Steps.First().Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Invalid schema for function 'another': it is bad.")]
    [InlineData("messages.1.content: tool_use ids were found without tool_result blocks for look")]
    [InlineData("The function look can't be read")]
    public async Task Run_RefusedForSomethingElse_KeepsItsTools(string message)
    {
        _server.Otherwise = _ => FakeReply.Json($$"""{"error":{"message":"{{message}}","type":"invalid_request_error"} }""", 400);

        var run = await RunAsync();

        Assert.Equal(RunStatus.Failed, run.Finished!.Status);
        Assert.All(_server.Requests, request => Assert.Equal(3, NamesOf(request).Count));
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _model.Dispose();

    private static List<string> NamesOf(FakeRequest request) => request.Body.TryGetProperty("tools", out var tools)
        ? [.. tools.EnumerateArray().Select(tool => tool.GetProperty("function").GetProperty("name").GetString()!)]
        : [];

    private static List<string> ClaudesNamesOf(FakeRequest request) => request.Body.TryGetProperty("tools", out var tools)
        ? [.. tools.EnumerateArray().Select(tool => tool.GetProperty("name").GetString()!)]
        : [];

    private static AgentTool[] Tools() => [.. new[] { "look", "files_read", "files_write" }
        .Select(name => new AgentTool(AIFunctionFactory.Create(() => "seen", name, "Looks.")))];

    private async Task<LoopHarness> RunAsync()
    {
        var harness = new LoopHarness(_model.Client, Tools());
        await harness.RunAsync();
        return harness;
    }
}
