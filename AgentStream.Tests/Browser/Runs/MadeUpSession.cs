using System.Text.Json;
using System.Text.RegularExpressions;
using AgentStream.Tests.Browser.Shell;
using Microsoft.Playwright;

namespace AgentStream.Tests.Browser.Runs;

/// <summary>The real page on a session that a test makes up, to the second: one run that is over.</summary>
internal static class MadeUpSession
{
    /// <summary>A finished step of the log.</summary>
    /// <param name="index">Its id is <c>r-</c> and this.</param>
    /// <param name="type">As on the wire.</param>
    /// <param name="content">Its text.</param>
    /// <param name="more">Fields that replace or add to the others; those that are <c>null</c> are left out.</param>
    public static Dictionary<string, object?> Step(int index, string type, string content, object more)
    {
        var step = new Dictionary<string, object?>
        {
            ["step_id"] = $"r-{index}",
            ["type"] = type,
            ["content"] = content,
            ["iteration"] = 1 + (index / 3),
            ["timestamp"] = 100 + (index / 10.0),
        };
        foreach (var field in JsonSerializer.SerializeToElement(more)
            .EnumerateObject()
            .Where(field => field.Value.ValueKind != JsonValueKind.Null))
        {
            step[field.Name] = field.Value;
        }

        return step;
    }

    /// <summary>A page that is told of a run of these steps.</summary>
    /// <param name="home">The service that the page comes from.</param>
    /// <param name="context">Whose page it is.</param>
    /// <param name="steps">They begin at second 100.</param>
    /// <param name="finishedAt">When the run ended; default: a tenth of a second for each step.</param>
    /// <param name="waits">When it waited for approval.</param>
    public static async Task<IPage> OpenAsync(
        ChatHome home, IBrowserContext context, object[] steps, double? finishedAt = null, object[]? waits = null)
    {
        var message = new
        {
            seq = 1,
            run_id = "r",
            message_id = "m",
            message = "a question",
            agent_name = "researcher",
            status = "completed",
            enable_reasoning = true,
            queued_at = 99,
            started_at = 100,
            finished_at = finishedAt ?? (100 + (steps.Length / 10.0)),
            duration_ms = steps.Length * 100,
            iterations = 3,
            steps,
            waits = waits ?? [],
        };
        var connected = JsonSerializer.Serialize(
            new { type = "connected", data = new { session_id = "s", epoch = "e", last_seq = 9, resumed = false, server_time = 200 } });
        var snapshot = JsonSerializer.Serialize(new
        {
            type = "snapshot",
            data = new
            {
                session_id = "s",
                epoch = "e",
                last_seq = 9,
                trimmed_through = 0,
                messages = new[] { message },
                has_more = false,
                queued_runs = Array.Empty<string>(),
            },
        });
        var page = await context.NewPageAsync();
        await page.RouteWebSocketAsync(new Regex("/ws/chat/"), socket =>
        {
            socket.Send(connected);
            socket.Send(snapshot);
        });
        await page.GotoAsync(new Uri(home.Service.Web, "/chat/s").ToString());
        await Assertions.Expect(page.GetByTestId("trace-fold")).ToBeVisibleAsync();
        return page;
    }
}
