using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support.Categories;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Distributed.Runs;

/// <summary>The main job, as a person or a program meets it from outside.</summary>
[SystemTest]
public sealed class StandaloneTests
{
    [Fact]
    public async Task Chat_OriginalFrame_YieldsTheFiveOriginalFieldsAndEnds()
    {
        await using var service = new StandaloneService();
        await service.StartAsync();
        await using var socket = service.Socket("original");
        await socket.ConnectAsync();

        await socket.SendAsync(
            """{"type":"chat","payload":{"message":"What is 17.5% of 2,340?","agent_name":"researcher","enable_reasoning":true}}""");
        var finished = await socket.ReadUntilAsync("run_finished");

        Assert.Equal("completed", finished.GetProperty("data").GetProperty("status").GetString());
        Assert.Equal(1, socket.FirstSeq);
        var steps = socket.Steps.ToList();
        var types = steps.Select(step => step.GetProperty("type").GetString()).Distinct().ToList();
        Assert.Equal(["thought", "tool_use", "tool_result", "final_answer"], types);
        Assert.All(steps, step =>
        {
            Assert.Equal(JsonValueKind.String, step.GetProperty("content").ValueKind);
            Assert.InRange(step.GetProperty("iteration").GetInt32(), 1, 20);
            Assert.InRange(step.GetProperty("timestamp").GetDouble(), 1_700_000_000, 5_000_000_000);
        });
        Assert.Equal(
            "calculator", steps.First(step => step.GetProperty("type").GetString() == "tool_use").GetProperty("tool_name").GetString());
        Assert.Equal(
            "calculator", steps.First(step => step.GetProperty("type").GetString() == "tool_result").GetProperty("tool_name").GetString());
        Assert.Contains("409.5", steps[^1].GetProperty("content").GetString(), StringComparison.Ordinal);
        Assert.Contains(socket.Of("step_delta"), delta => delta.GetProperty("data").GetProperty("step_type").GetString() == "answer");
    }

    [Fact]
    public async Task Chat_ReasoningHidden_LogsOnlyAnswerAndLifeCycle()
    {
        await using var service = new StandaloneService();
        await service.StartAsync();
        await using var socket = service.Socket("hidden");
        await socket.ConnectAsync();

        await socket.ChatAsync("What is 17.5% of 2,340?", "\"enable_reasoning\":false");
        await socket.ReadUntilAsync("run_finished");

        Assert.Equal(1, socket.FirstSeq);
        Assert.Equal(["final_answer"], socket.KeptSteps.Select(step => step.GetProperty("type").GetString()));
        Assert.All(
            socket.Of("step_delta"), delta => Assert.Equal("answer", delta.GetProperty("data").GetProperty("step_type").GetString()));
    }

    [Fact]
    public async Task Start_DataDirectoryInUse_SaysSoInOneSentenceAndFails()
    {
        await using var service = new StandaloneService();
        await service.StartAsync();

        await using var second = service.Launch(("ASPNETCORE_URLS", "http://127.0.0.1:0"));

        Assert.NotEqual(0, await second.WaitForExitAsync());
        Assert.Contains(service.DataDirectory, second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_PortTaken_SaysSoInOneSentenceAndFails()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var service = new StandaloneService(("AgentStream__Standalone__WebPort", $"{port}"));

        await using var process = service.Launch();

        Assert.NotEqual(0, await process.WaitForExitAsync());
        Assert.Contains($"{port}", process.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WrongSetting_NamesItInOneSentence()
    {
        await using var service = new StandaloneService(("AgentStream__Worker__MaxConcurrentRuns", "0"));

        await using var process = service.Launch();

        Assert.NotEqual(0, await process.WaitForExitAsync());
        Assert.Contains("MaxConcurrentRuns", process.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WrongPort_IsNamedAndNothingElse()
    {
        await using var service = new StandaloneService(
            ("AgentStream__Standalone__ApiPort", "99999"), ("AgentStream__Standalone__WebPort", "abc"));

        await using var process = service.Launch();

        Assert.Equal(1, await process.WaitForExitAsync());
        Assert.Equal(
            [
                "AgentStream:Standalone:ApiPort is '99999'; it takes a whole number from 1 to 65535.",
                "AgentStream:Standalone:WebPort is 'abc'; it takes a whole number from 1 to 65535.",
            ],
            process.Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Start_OnAnAddressOfItsOwn_ServesItsPageThereAndNobodyUnderAForeignName()
    {
        var port = FreePorts.Take(1)[0];
        await using var service = new StandaloneService(("ASPNETCORE_URLS", $"http://localhost:{port}"));
        await service.StartAsync();
        var address = new Uri($"http://localhost:{port}");
        using var http = new HttpClient { BaseAddress = address };

        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/", $"localhost:{port}"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/api/agents", $"localhost:{port}"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("/classic", $"evil.example:{port}"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("/api/agents", $"evil.example:{port}"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/health", "10.1.2.3"));

        async Task<HttpStatusCode> StatusAsync(string path, string host)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Host = host;
            request.Headers.Add("Origin", $"http://{host}");
            using var response = await http.SendAsync(request);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task Stop_Terminated_ClosesTheSocketsWithGoingAwayAndExitsWithZero()
    {
        await using var service = new StandaloneService();
        await service.StartAsync();
        await using var socket = service.Socket("stop");
        await socket.ConnectAsync();

        service.Process.Terminate();
        await socket.ReadToTheEndAsync();

        Assert.Equal(System.Net.WebSockets.WebSocketCloseStatus.EndpointUnavailable, socket.CloseStatus);
        Assert.Equal(0, await service.Process.WaitForExitAsync());
    }
}
