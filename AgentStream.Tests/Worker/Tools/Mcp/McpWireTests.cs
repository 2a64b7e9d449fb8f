using System.Globalization;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;
using AgentStream.Tests.Support.Processes;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Worker.Tools.Mcp;

/// <summary>Servers as they are in the wild, each played word for word.</summary>
public sealed class McpWireTests
{
    private const string Plain = """{"name":"plain","inputSchema":{"type":"object"}}""";

    public static TheoryData<string> Transports => ["stdio", "http"];

    [SystemTest]
    [Theory]
    [InlineData(FakeMcpServer.Newest, "stdio")]
    [InlineData(FakeMcpServer.Newest, "http")]
    [InlineData(FakeMcpServer.Oldest, "stdio")]
    [InlineData(FakeMcpServer.Oldest, "http")]
    [InlineData("2025-03-26", "http")]
    [InlineData("2025-06-18", "http")]
    [InlineData("2025-11-25", "stdio")]
    public async Task Server_OfAnyRevision_Works(string revision, string transport)
    {
        await using var server = new FakeMcpServer
        {
            Revision = revision,
            Tools =
            [
                """{"name":"add","description":"Adds.","inputSchema":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}}""",
            ],
            Call = call => [call.Progress("\"progress\":1"), call.Text($"1 + {call.Arguments.GetProperty("a")}")],
        };
        await using var home = await HomeAsync(server, transport);
        var output = new ToolOutput();

        var result = await (await home.ToolAsync("fake_add")).CallAsync("""{"a":"2"}""", ToolCalls.Context with { Output = output });

        Assert.Equal("1 + 2", result);
        Assert.Equal("1\n1 + 2", output.Close(result, isError: false).Shown);
        Assert.Equal(revision == FakeMcpServer.Newest, server.Requests.All(request => request.Method != "initialize"));
    }

    [SystemTest]
    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Progress_CloseToTheResult_IsShownInOrderAheadOfIt(string transport)
    {
        await using var server = new FakeMcpServer
        {
            Tools = [Plain],
            Call = call =>
                [.. Enumerable.Range(1, 200).Select(i => call.Progress($"\"progress\":{i},\"message\":\"step {i}\"")), call.Text("done")],
        };
        await using var home = await HomeAsync(server, transport);
        var tool = await home.ToolAsync("fake_plain");

        for (var round = 0; round < 5; round++)
        {
            var output = new ToolOutput();
            var result = await tool.CallAsync("{}", ToolCalls.Context with { Output = output });

            Assert.Equal(
                string.Concat(Enumerable.Range(1, 200)
                    .Select(i => string.Create(CultureInfo.InvariantCulture, $"step {i} ({i})\n"))) + "done",
                output.Close(result, isError: false).Shown);
        }
    }

    [Theory]
    [InlineData("\"progress\":1,\"total\":4", "1 of 4")]
    [InlineData("\"progress\":\"half\",\"message\":\"copying\"", "copying (half)")]
    [InlineData("\"progress\":null,\"message\":\"copying\"", "copying")]
    [InlineData("\"message\":\"a \\ud83d\"", "a \uFFFD")]
    [InlineData("\"progress\":0.505,\"total\":null,\"message\":\"\"", "0.51")]
    [InlineData("\"progress\":[]", null)]
    public async Task Progress_OfAnyForm_NeverDisturbsTheCall(string members, string? shown)
    {
        await using var server = new FakeMcpServer { Tools = [Plain], Call = call => [call.Progress(members), call.Text("done")] };
        await using var home = await HomeAsync(server, "http");
        var output = new ToolOutput();

        var result = await (await home.ToolAsync("fake_plain")).CallAsync("{}", ToolCalls.Context with { Output = output });

        Assert.Equal(shown is null ? "done" : shown + "\ndone", output.Close(result, isError: false).Shown);
    }

    [Theory]
    [InlineData(404, "text/plain", "Session not found")]
    [InlineData(404, "application/json", """{"jsonrpc":"2.0","error":{"code":-32001,"message":"Session not found"},"id":null}""")]
    [InlineData(400, "application/json",
        """{"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request: No valid session ID provided"},"id":null}""")]
    [InlineData(400, "text/plain", "Invalid session ID")]
    [InlineData(400, "application/json",
        """{"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request: Server not initialized"},"id":null}""")]
    [InlineData(401, "text/plain", "Unauthorized: Session not found")]
    [InlineData(410, "text/plain", "")]
    public async Task Call_SessionThatTheServerHasForgotten_IsMadeOnceInANewOne(int status, string type, string body)
    {
        await using var server = new FakeMcpServer { Tools = [Plain], Refusal = (status, type, body) };
        await using var home = await HomeAsync(server, "http");
        var tool = await home.ToolAsync("fake_plain");
        Assert.Equal("done", await tool.CallAsync("{}").WaitAsync(TestTimeouts.Default));

        server.Forget();
        var results = await Task.WhenAll(tool.CallAsync("{}"), tool.CallAsync("{}"), tool.CallAsync("{}")).WaitAsync(TestTimeouts.Default);

        Assert.All(results, result => Assert.Equal("done", result));
        Assert.Equal(4, server.Calls);
        Assert.DoesNotContain(home.Logs.At(LogLevel.Warning), line => line.Contains("is not there", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(400, "Bad Request")]
    [InlineData(400, "")]
    [InlineData(403, "")]
    [InlineData(422, "")]
    [InlineData(500, "")]
    public async Task Call_SessionThatTheServerHasForgottenAndSaysNothingOf_IsFollowedByANewOneAtOnce(int status, string body)
    {
        await using var server = new FakeMcpServer { Tools = [Plain], Refusal = (status, "text/plain", body) };
        await using var home = await HomeAsync(server, "http");
        var tool = await home.ToolAsync("fake_plain");
        Assert.Equal("done", await tool.CallAsync("{}").WaitAsync(TestTimeouts.Default));

        server.Forget();
        var problem = await Assert.ThrowsAsync<ToolException>(() => tool.CallAsync("{}").WaitAsync(TestTimeouts.Default));

        Assert.Contains($"HTTP {status}", problem.Message, StringComparison.Ordinal);
        // Long before the list of tools is asked for again by itself.
        Assert.Equal("done", await AgainAsync(home, tool).WaitAsync(TestTimeouts.Default));
        Assert.Equal(2, server.Requests.Count(request => request.Method is "initialize"));
    }

    [Fact]
    public async Task Call_RefusedInEverySession_IsAReadableErrorAndNotMadeForEver()
    {
        await using var server = new FakeMcpServer { Tools = [Plain] };
        server.Call = call =>
        {
            server.Forget();
            return [call.Error(-32000, "The session of the database has ended")];
        };
        await using var home = await HomeAsync(server, "http");
        var tool = await home.ToolAsync("fake_plain");

        // An answer to a call that the server took is no refusal, whatever its words.
        var problem = await Assert.ThrowsAsync<ToolException>(() => tool.CallAsync("{}").WaitAsync(TestTimeouts.Default));

        Assert.Equal(1, server.Calls);
        Assert.True(problem.InDoubt);
        Assert.Contains("answered with an error: The session of the database has ended", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403, "refused the call: HTTP 403", false)]
    [InlineData(429, "refused the call: HTTP 429", false)]
    [InlineData(500, "answered with an error: HTTP 500", true)]
    [InlineData(503, "answered with an error: HTTP 503", true)]
    public async Task Call_AnsweredWithAStatus_IsNoLostConnection(int status, string expected, bool inDoubt)
    {
        await using var server = new FakeMcpServer { Tools = [Plain] };
        await using var home = await HomeAsync(server, "http");
        var tool = await home.ToolAsync("fake_plain");
        server.Refusal = (status, "text/plain", "no");
        server.Forget();

        var problem = await Assert.ThrowsAsync<ToolException>(() => tool.CallAsync("{}").WaitAsync(TestTimeouts.Default));

        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("lost", problem.Message, StringComparison.Ordinal);
        Assert.Equal(inDoubt, problem.InDoubt);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Server_ThatAnswersEveryMethodWithSomething_Works(bool asJson)
    {
        await using var server = new FakeMcpServer { Tools = [Plain], KnowsNothing = true, AnswersAsJson = asJson };
        await using var home = await HomeAsync(server, "http");

        Assert.Equal("done", await (await home.ToolAsync("fake_plain")).CallAsync("{}").WaitAsync(TestTimeouts.Default));
    }

    [Fact]
    public async Task Server_ThatAnswers404ToWhoWantsItsOwnMessages_StaysConnected()
    {
        await using var server = new FakeMcpServer { Tools = [Plain], StreamStatus = 404 };
        await using var home = await HomeAsync(server, "http");
        var tool = await home.ToolAsync("fake_plain");

        Assert.Equal("done", await AgainAsync(home, tool));
        Assert.Equal("done", await tool.CallAsync("{}").WaitAsync(TestTimeouts.Default));
    }

    [SystemTest]
    [Theory]
    [MemberData(nameof(Transports))]
    public async Task List_OneToolThatCannotBeUsed_CostsItselfAlone(string transport)
    {
        await using var server = new FakeMcpServer
        {
            Tools =
            [
                Plain,
                """{"name":"no_type","inputSchema":{"properties":{"a":{"type":"string"}}}}""",
                """{"name":"nulls","inputSchema":{"type":"object","properties":null,"required":null}}""",
                """{"name":"no_schema","description":"Has none."}""",
                """{"name":"null_schema","inputSchema":null}""",
                """{"name":"true_schema","inputSchema":true}""",
                """{"name":"list_schema","inputSchema":[]}""",
                """{"name":"typed","inputSchema":{"type":["object","null"]}}""",
                """{"name":"odd","title":5,"description":{"en":"x"},"annotations":"none","outputSchema":7,"icons":0,"inputSchema":{"type":"object"}}""",
                """{"name":"task","execution":{"taskSupport":"required"},"inputSchema":{"type":"object"}}""",
                """{"name":"plain","description":"Again.","inputSchema":{"type":"object"}}""",
                """{"description":"Nameless."}""",
                """{"name":7,"inputSchema":{"type":"object"}}""",
                "\"plain\"",
                "null",
                """{"name":"header","inputSchema":{"type":"object","properties":{"a":{"type":"object","x-mcp-header":"A B"}}}}""",
            ],
            Call = call => [call.Text(call.Tool)],
        };
        await using var home = await HomeAsync(server, transport);
        await home.ToolAsync("fake_plain");

        Assert.Equal(
            ["fake_list_schema", "fake_no_schema", "fake_no_type", "fake_null_schema", "fake_nulls", "fake_odd", "fake_plain",
                "fake_true_schema", "fake_typed"],
            home.Registry.All.Select(tool => tool.Name).Order(StringComparer.Ordinal));
        foreach (var tool in home.Registry.All)
        {
            Assert.Equal(tool.Name["fake_".Length..], await tool.CallAsync("""{"a":"x"}"""));
            Assert.Equal("object", tool.JsonSchema.GetProperty("type").GetString());
        }

        var missing = home.Tools.Missing;
        Assert.Equal(["fake_task", "fake_plain", "fake_unnamed", "fake_unnamed", "fake_unnamed", "fake_unnamed", "fake_header"], missing
            .Select(tool => tool.Name));
        Assert.Contains("as a task only", missing[0].Reason, StringComparison.Ordinal);
        Assert.Contains("x-mcp-header", missing[^1].Reason, StringComparison.Ordinal);
        Assert.Contains(home.Logs.At(LogLevel.Warning), line =>
            line.Contains("the tool fake_task, which is left out: Its server runs it as a task only", StringComparison.Ordinal));
        Assert.Equal(["fake_header"], ((SelectedTools)home.Registry.Select(["fake_header", "fake_plain", "fake_h*"])).Missing
            .Select(tool => tool.Name));
    }

    [Theory]
    [InlineData("3d")]
    [InlineData("-x")]
    public async Task Tools_OfAServerWhoseNameBeginsAsNoToolMay_HaveNamesThatEveryProviderTakes(string name)
    {
        await using var server = new FakeMcpServer { Tools = [Plain] };
        await using var home = new McpHome((name, await server.StartAsync("http")));
        await home.StartAsync();
        await home.ToolAsync($"_{name}_plain");

        Assert.All(home.Registry.All, tool => Assert.Matches("^[a-zA-Z_][a-zA-Z0-9_-]*$", tool.Name));
        // Agents go on naming them by the server's name.
        Assert.True(home.Registry.Knows($"{name}_other"));
        Assert.True(home.Registry.TryGet($"{name}_plain", out _));
        Assert.Equal([$"_{name}_plain"], home.Registry.Select([$"{name}_*"]).Select(tool => tool.Name));
        Assert.Equal([$"_{name}_plain"], home.Registry.Select([$"{name}_plain"]).Select(tool => tool.Name));
        Assert.Equal([$"{name}_other"], ((SelectedTools)home.Registry.Select([$"{name}_other"])).Missing.Select(tool => tool.Name));
    }

    [Fact]
    public async Task Missing_ServerThatIsAway_IsSaidOfTheToolsThatAgentsName()
    {
        await using var home = new McpHome(("away", new() { Url = $"http://127.0.0.1:{FreePorts.Take(1)[0]}/mcp" }));
        await home.StartAsync();

        var missing = ((SelectedTools)home.Registry.Select(["away_read", "away_*", "other_*"])).Missing;

        Assert.Equal(["away_read", "away_*"], missing.Select(tool => tool.Name));
        Assert.All(missing, tool => Assert.Contains("'away' is not connected", tool.Reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"content":[{"type":"text","text":"2 rows"}],"structuredContent":{"rows":[1,2]}}""", "2 rows\n{\"rows\":[1,2]}")]
    [InlineData("""{"content":[],"structuredContent":{"a":1}}""", "{\"a\":1}")]
    [InlineData("""{"structuredContent":{"a":"é"}}""", "{\"a\":\"é\"}")]
    [InlineData("""{"content":[{"type":"text","text":"{ \"a\": 1.0 }"}],"structuredContent":{"a":1.0}}""", "{ \"a\": 1.0 }")]
    [InlineData("""{"content":[{"type":"text","text":"5"}],"structuredContent":{"result":5}}""", "5")]
    [InlineData("""{"content":[{"type":"text","text":"yes"}],"structuredContent":{"result":"yes"}}""", "yes")]
    [InlineData("""{"content":[{"type":"text","text":"1"},{"type":"text","text":"b"}],"structuredContent":{"result":[1,"b"]}}""", "1\nb")]
    [InlineData("""{"content":[{"type":"text","text":"a picture:"},{"type":"image","data":"data:image/png;base64,AAAA"}]}""",
        "a picture:\n[an image, image/png, 3 bytes: not shown]")]
    [InlineData("""{"content":[{"type":"image","data":"!!! no base64","mimeType":"image/png"},{"type":"text","text":"rest"}]}""",
        "[an image, image/png, 8 bytes: not shown]\nrest")]
    [InlineData("""{"content":[{"type":"image"},{"type":"text","text":"rest"}]}""",
        "[an image, application/octet-stream: not shown]\nrest")]
    [InlineData("""{"content":[{"type":"hologram","size":3},{"type":"text","text":"rest"}]}""",
        "[a part of the kind 'hologram': {\"type\":\"hologram\",\"size\":3}]\nrest")]
    [InlineData("""{"content":[{"type":"markdown","text":"**a**"},{"text":"b"}]}""",
        "[a part of the kind 'markdown']\n**a**\n[a part that does not say of which kind it is]\nb")]
    [InlineData(
        """{"content":[{"type":"text","text":5},{"type":"text","text":true},{"type":"text","text":null},{"type":"text","text":{"a":1}}]}""",
        "5\ntrue\n{\"a\":1}")]
    [InlineData("""{"content":["a",7,null,{"type":"text","text":"b"}]}""", "a\n7\nb")]
    [InlineData("""{"content":"just text"}""", "just text")]
    [InlineData("""{"content":{"type":"text","text":"alone"}}""", "alone")]
    [InlineData("""{"toolResult":{"a":1}}""", "{\"a\":1}")]
    [InlineData("""{"content":[{"type":"text","text":"a \ud83d b \ud83d\ude00 \\ud83d"}]}""", "a \uFFFD b 😀 \\ud83d")]
    [InlineData("""{"content":[{"type":"text","text":"x"}],"structuredContent":{"cut":"\udc00"}}""", "x\n{\"cut\":\"\uFFFD\"}")]
    [InlineData(
        """{"content":[{"type":"resource","resource":{"uri":"file:///a","text":9}},{"type":"resource","resource":{"blob":"AAAA"}},{"type":"resource"}]}""",
        "[file:///a]\n9\n[a resource, application/octet-stream, 3 bytes: no text]\n[a part of the kind 'resource': "
            + "{\"type\":\"resource\"}]")]
    [InlineData("""{"content":[{"type":"resource_link","uri":"file:///b","name":null}]}""", "[a link to file:///b]")]
    [InlineData(
        """{"content":[{"type":"text","text":"a","annotations":{"audience":["user"],"priority":0.5,"lastModified":"2025-01-12T15:00:58Z"}}],"_meta":{"x":1}}""",
        "a")]
    [InlineData("""{"content":[{"type":"text","text":"a","annotations":"none"}],"isError":"false"}""", "a")]
    [InlineData("{}", "")]
    public async Task Result_OfAnyForm_ReachesTheModel(string result, string expected)
    {
        await using var server = new FakeMcpServer { Tools = [Plain], Call = call => [call.Result(result)] };
        await using var home = await HomeAsync(server, "http");

        Assert.Equal(expected, await (await home.ToolAsync("fake_plain")).CallAsync("{}").WaitAsync(TestTimeouts.Default));
    }

    [SystemTest]
    [Theory]
    [InlineData("""{"isError":true,"content":[{"type":"text","text":"No such row."}],"structuredContent":{"code":7}}""",
        "No such row.\n{\"code\":7}")]
    [InlineData("""{"isError":"true","content":[{"type":"text","text":"cut \ud83d"}]}""", "cut \uFFFD")]
    [InlineData("""{"isError":true}""", "The tool says that it failed, and not why.")]
    public async Task Result_ThatIsAnError_IsTheToolsAndNoLostConnection(string result, string expected)
    {
        using var traced = new RecordedSpans("Experimental.ModelContextProtocol");
        await using var server = new FakeMcpServer { Tools = [Plain], Call = call => [call.Result(result)] };
        await using var home = await HomeAsync(server, "stdio");
        var tool = await home.ToolAsync("fake_plain");

        var problem = await Assert.ThrowsAsync<ToolException>(() => tool.CallAsync("{}").WaitAsync(TestTimeouts.Default));

        Assert.Equal(expected, problem.Message);
        Assert.False(problem.InDoubt);
    }

    [SystemTest]
    [Theory]
    [InlineData("stdio", """{"content":[{"type":"text","text":"a","\ud83d":1}]}""")]
    [InlineData("http",
        """{"resultType":"input_required","inputRequests":{"name":{"method":"elicitation/create","params":{"message":"Who?","requestedSchema":{"type":"object","properties":{}}}}}}""")]
    [InlineData("http", """{"resultType":"input_required"}""")]
    public async Task Result_ThatCannotBeRead_IsSaidAndTheConnectionStays(string transport, string result)
    {
        await using var server = new FakeMcpServer { Tools = [Plain], Call = call => [call.Result(result)] };
        await using var home = await HomeAsync(server, transport);
        var tool = await home.ToolAsync("fake_plain");

        var problem = await Assert.ThrowsAsync<ToolException>(() => tool.CallAsync("{}").WaitAsync(TestTimeouts.Default));
        server.Call = call => [call.Text("fine")];

        Assert.DoesNotContain("lost", problem.Message, StringComparison.Ordinal);
        Assert.Equal("fine", await tool.CallAsync("{}").WaitAsync(TestTimeouts.Default));
        Assert.Equal(1, server.Requests.Count(request => request.Method is "initialize"));
    }

    [Fact]
    public async Task Arguments_ArriveAsTheServerNamesAndTypesThem()
    {
        await using var server = new FakeMcpServer
        {
            Tools =
            [
                """{"name":"query","inputSchema":{"type":"object","properties":{"$top":{"type":"integer"},"$filter":{"type":"string"},"tags":{"type":"array","items":{"type":"string"}}},"required":["$top"]}}""",
            ],
            Call = call => [call.Text(call.Arguments.GetRawText())],
        };
        await using var home = await HomeAsync(server, "http");
        var tool = await home.ToolAsync("fake_query");

        Assert.Equal("""{"$top":5,"tags":["a"]}""", await tool.CallAsync("""{"_top":"5.0","_filter":null,"tags":"a"}"""));
        Assert.Equal("""{"$top":5}""", await tool.CallAsync("""{"$top":5}"""));
        Assert.False(tool.TryParseArguments("{}", out _, out var error));
        Assert.Contains("$top", error, StringComparison.Ordinal);
        Assert.All(tool.JsonSchema.GetProperty("properties").EnumerateObject(), property =>
            Assert.Matches("^[a-zA-Z0-9_.-]{1,64}$", property.Name));
    }

    private static async Task<McpHome> HomeAsync(FakeMcpServer server, string transport)
    {
        var home = new McpHome(("fake", await server.StartAsync(transport)));
        await home.StartAsync();
        return home;
    }

    private static async Task<string> AgainAsync(McpHome home, AgentTool tool)
    {
        while (true)
        {
            try
            {
                return await tool.CallAsync("{}").WaitAsync(TestTimeouts.Default);
            }
            catch (ToolException)
            {
                await home.Logs.NextAsync();
            }
        }
    }
}
