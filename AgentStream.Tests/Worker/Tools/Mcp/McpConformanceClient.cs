using System.Text.Json;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;
using AgentStream.Tests.Worker.Tools.Mcp.SignIn;
using AgentStream.Worker.Tools;
using AgentStream.Worker.Tools.Mcp;
using AgentStream.Worker.Tools.Mcp.SignIn;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Worker.Tools.Mcp;

/// <summary>The client that <c>@modelcontextprotocol/conformance</c> looks at; <c>mcp-conformance.sh</c> beside this file runs the two
/// together.</summary>
public sealed class McpConformanceClient
{
    internal const string UrlVariable = "AGENTSTREAM_CONFORMANCE_URL";

    [ConformanceFact]
    public async Task Scenario_OfTheSuite_IsPlayed()
    {
        var scenario = Environment.GetEnvironmentVariable("MCP_CONFORMANCE_SCENARIO")!;
        var context = Environment.GetEnvironmentVariable("MCP_CONFORMANCE_CONTEXT");
        var settings = new McpServerOptions { Url = Environment.GetEnvironmentVariable(UrlVariable) };
        using var data = new TemporaryDirectory();
        var signIns = SignInWorld.ProcessIn(data.Path);
        if (scenario.StartsWith("auth/", StringComparison.Ordinal)
            && !await SignInAsync(signIns, settings, context is null ? default : JsonElement.Parse(context), scenario))
        {
            // Whether it has to fail is for the suite to say.
            return;
        }

        await using var home = new McpHome(signIns, ("suite", settings));
        await home.StartAsync();
        await home.Logs.WaitForAsync(LogLevel.Information, "MCP server suite is connected");
        foreach (var (tool, arguments) in CallsOf(scenario, home, context is null ? default : JsonElement.Parse(context)))
        {
            await CallAsync(tool, arguments);
        }
    }

    private static async Task<bool> SignInAsync(McpSignIns signIns, McpServerOptions settings, JsonElement context, string scenario)
    {
        var byItself = scenario.StartsWith("auth/client-credentials", StringComparison.Ordinal);
        settings.OAuth.Grant = byItself ? McpOAuthOptions.ClientCredentials : McpOAuthOptions.AuthorizationCode;
        settings.OAuth.RedirectPort = FreePorts.Take(1)[0];
        settings.OAuth.ClientId = TextOf(context, "client_id");
        settings.OAuth.ClientSecret = TextOf(context, "client_secret");
        return byItself || (await SignInWorld.SignInAsync(signIns, settings, "suite")).Code == 0;
    }

    private static string TextOf(JsonElement context, string member)
        => context.ValueKind is JsonValueKind.Object && context.TryGetProperty(member, out var text) ? text.GetString()! : "";

    private static async Task CallAsync(AgentTool tool, string arguments)
    {
        try
        {
            await tool.CallAsync(arguments).WaitAsync(TestTimeouts.Default);
        }
        catch (ToolException)
        {
            // Whether an error is right is for the suite to say.
        }
    }

    private static List<(AgentTool Tool, string Arguments)> CallsOf(string scenario, McpHome home, JsonElement context)
    {
        if (scenario == "json-schema-ref-no-deref")
        {
            return [];
        }

        if (scenario == "json-schema-2020-12-preservation")
        {
            Assert.True(home.Registry.TryGet("suite_json_schema_2020_12_tool", out var focal));
            Assert.True(home.Registry.TryGet("suite_json_schema_echo", out var echo));
            return [(echo, $$"""{"schema":{{((McpFunction)focal.Function).OwnSchema.GetRawText()}}}""")];
        }

        if (context.ValueKind is JsonValueKind.Object && context.TryGetProperty("toolCalls", out var calls))
        {
            return [.. calls.EnumerateArray().Select(call =>
                (home.Registry.All.Single(tool => tool.Name == "suite_" + call.GetProperty("name").GetString()),
                    call.GetProperty("arguments").GetRawText()))];
        }

        return [.. home.Registry.All.Select(tool => (tool, ExampleOf(tool)))];
    }

    private static string ExampleOf(AgentTool tool) =>
        JsonSerializer.Serialize(tool.JsonSchema.GetProperty("properties").EnumerateObject().ToDictionary(
        property => property.Name,
        property => property.Value.TryGetProperty("type", out var type) && type.ValueEquals("string") ? "x" : (object)2));
}
