using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AgentStream.Tests.Web;

public sealed partial class ClassicPageTests
{
    private const string Hostile = "<script>alert(1)</script>";

    [Fact]
    public async Task Get_ATranscript_ShowsStepsAndAnswerEscaped()
    {
        await using var api = await FakeApi.StartAsync();
        api.Transcript = JsonSerializer.Serialize(new
        {
            has_more = false,
            messages = new[]
            {
                new
                {
                    run_id = "r1",
                    message = Hostile,
                    status = "completed",
                    something_new = 1,
                    steps = new object[]
                    {
                        new { step_id = "s1", type = "thought", content = Hostile, iteration = 1, timestamp = 1.5 },
                        new
                        {
                            step_id = "s2",
                            type = "tool_use",
                            content = "",
                            iteration = 1,
                            timestamp = 1.5,
                            tool_name = "calc<b>",
                            arguments = new { expression = Hostile },
                        },
                        new
                        {
                            step_id = "s3",
                            type = "tool_result",
                            content = "4",
                            iteration = 1,
                            timestamp = 1.5,
                            is_error = true,
                            duration_ms = 1234.5,
                        },
                        new
                        {
                            step_id = "s4",
                            type = "final_answer",
                            content = "It is " + Hostile,
                            iteration = 2,
                            timestamp = 1.5,
                            cut_off = true,
                        },
                    },
                },
            },
        });
        await using var web = await StartAsync(api);
        var html = await web.Client.GetStringAsync(new Uri("/classic/s1", UriKind.Relative));
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("calc<b>", html, StringComparison.Ordinal);
        Assert.Contains("It is &lt;script&gt;alert(1)&lt;/script&gt;", html, StringComparison.Ordinal);
        Assert.Equal(
            ["thought", "tool_use", "tool_result", "final_answer"], StepTypes().Matches(html).Select(match => match.Groups[1].Value));
        Assert.Contains("1.2 s", html, StringComparison.Ordinal);
        Assert.Contains("cut off", html, StringComparison.Ordinal);
        Assert.Contains("failed", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_AMessage_AsksTheApiToWaitAndRedirectsToTheSession()
    {
        await using var api = await FakeApi.StartAsync();
        await using var web = await StartAsync(api);
        using var response = await PostAsync(web, "What is 17.5% of 2,340?");
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("/classic/s1?agent=researcher#latest", response.Headers.Location!.ToString());
        var received = Assert.Single(api.Received);
        Assert.StartsWith("/api/sessions/s1/messages?wait=true ", received, StringComparison.Ordinal);
        using var body = JsonDocument.Parse(received[received.IndexOf('{', StringComparison.Ordinal)..]);
        Assert.Equal("What is 17.5% of 2,340?", body.RootElement.GetProperty("message").GetString());
        Assert.Equal("researcher", body.RootElement.GetProperty("agent_name").GetString());
        Assert.True(body.RootElement.GetProperty("enable_reasoning").GetBoolean());
        Assert.NotEmpty(body.RootElement.GetProperty("message_id").GetString()!);
    }

    [Fact]
    public async Task Post_TheSameFormTwice_SendsTheSameMessageId()
    {
        await using var api = await FakeApi.StartAsync();
        await using var web = await StartAsync(api);
        var form = await FormAsync(web);
        using var first = await web.Client.PostAsync("/classic/s1", Fill(form, "hello"));
        using var second = await web.Client.PostAsync("/classic/s1", Fill(form, "hello"));
        Assert.Equal(2, api.Received.Count);
        Assert.Single(api.Received.Distinct());
    }

    [Fact]
    public async Task Post_WithoutToken_IsRefusedWithAPageForPeople()
    {
        await using var api = await FakeApi.StartAsync();
        await using var web = await StartAsync(api);
        using var response = await web.Client.PostAsync("/classic/s1", Fill(new() { ["Input.MessageId"] = "m1" }, "hello"));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("That did not work", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(api.Received);
    }

    [Fact]
    public async Task Post_Refused_ShowsTheApisSentenceEscapedAndKeepsTheMessage()
    {
        await using var api = await FakeApi.StartAsync();
        api.OnMessage = async context =>
        {
            context.Response.StatusCode = 400;
            await context.Response.WriteAsJsonAsync(
                new { type = "urn:x", title = "Bad", detail = "Too long <b>by far</b>." }, options: null,
                contentType: "application/problem+json");
        };
        await using var web = await StartAsync(api);
        using var response = await PostAsync(web, "my precious text");
        var html = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("Too long &lt;b&gt;by far&lt;/b&gt;.", html, StringComparison.Ordinal);
        Assert.Contains("my precious text</textarea>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_ApiInTrouble_SaysSoInASentenceOfItsOwn()
    {
        await using var api = await FakeApi.StartAsync();
        api.OnMessage = async context =>
        {
            context.Response.StatusCode = 500;
            await context.Response.WriteAsync("System.NullReferenceException: at Secret.Place");
        };
        await using var web = await StartAsync(api);
        using var response = await PostAsync(web, "hello");
        var html = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.DoesNotContain("Secret", html, StringComparison.Ordinal);
        Assert.Contains("hello</textarea>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_ApiNotThere_IsAPageThatSaysSo()
    {
        await using var web = await RunningWeb.StartAsync(new() { ["AgentStream:Web:ApiInternalAddress"] = "http://127.0.0.1:1" });
        using var response = await web.Client.GetAsync("/classic");
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Contains("reached at the moment", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_NoApiConfigured_AsksItsOwnProcess()
    {
        await using var web = await RunningWeb.StartAsync(map: app =>
        {
            app.MapGet("/api/agents", () => Results.Json(Array.Empty<string>()));
            app.MapGet(
                "/api/sessions/{id}",
                () => Results.Text("""{"messages":[{"run_id":"r1","message":"from here","status":"queued"}]}""", "application/json"));
        });
        Assert.Contains("from here", await web.Client.GetStringAsync(new Uri("/classic/s1", UriKind.Relative)), StringComparison.Ordinal);
    }

    private static Task<RunningWeb> StartAsync(FakeApi api) =>
        RunningWeb.StartAsync(new()
        {
            ["AgentStream:Web:ApiBaseAddress"] = "http://not-for-servers.invalid",
            ["AgentStream:Web:ApiInternalAddress"] = api.Address,
        });

    private static async Task<HttpResponseMessage> PostAsync(RunningWeb web, string message) =>
        await web.Client.PostAsync("/classic/s1", Fill(await FormAsync(web), message));

    private static async Task<Dictionary<string, string>> FormAsync(RunningWeb web)
    {
        var html = await web.Client.GetStringAsync(new Uri("/classic/s1", UriKind.Relative));
        return HiddenFields().Matches(html)
            .Select(match => match.Value)
            .ToDictionary(tag => Name().Match(tag).Groups[1].Value, tag => Value().Match(tag).Groups[1].Value);
    }

    private static FormUrlEncodedContent Fill(Dictionary<string, string> form, string message) =>
        new(form.Append(new("Input.Message", message)).Append(new("Input.AgentName", "researcher")));

    [GeneratedRegex("""data-step-type="([a-z_]+)" """)]
    private static partial Regex StepTypes();

    [GeneratedRegex("""<input[^>]*type="hidden"[^>]*>""")]
    private static partial Regex HiddenFields();

    [GeneratedRegex("""\sname="([^"]*)" """)]
    private static partial Regex Name();

    [GeneratedRegex("\\svalue=\"([^\"]*)\"")]
    private static partial Regex Value();
}
