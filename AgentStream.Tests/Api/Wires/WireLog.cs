using System.Net.Http.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Api.Wires;

/// <summary>The log of one scripted run, whole.</summary>
internal sealed record WireLog(Epoch Epoch, RunId RunId, IReadOnlyList<LogEntry> Entries)
{
    private static readonly object[] ClientTools = [new { name = "weather" }, new { name = "news" }];

    public static async Task<WireLog> PlayAsync(WireExpectation expected)
    {
        await using var api = await PlayedApi.StartAsync();
        var host = api.Host;
        var runId = await host.PostAsync("s1", expected.Say, tools: expected == WireExpectation.Client ? ClientTools : null);
        var results = new Queue<string>(["20 °C", "no news"]);
        var entries = new List<LogEntry>();
        var epoch = default(Epoch);
        using var patience = new CancellationTokenSource(ApiHost.Patience);
        await foreach (var batch in host.Log.FollowAsync(SessionId.Parse("s1"), new Cursor(null, Offset.Start), patience.Token))
        {
            entries.AddRange(batch.Entries);
            epoch = batch.Epoch;
            foreach (var question in batch.Entries.Select(entry => entry.Event).OfType<ToolApprovalRequired>())
            {
                var run = $"/api/sessions/s1/runs/{runId}";
                using var answer = question.ClientTool is true
                    ? await host.Http.PostAsJsonAsync($"{run}/results/{question.ToolCallId}", new { result = results.Dequeue() })
                    : await host.Http.PostAsJsonAsync($"{run}/approvals/{question.ToolCallId}", new { approved = expected.Approves });
                answer.EnsureSuccessStatusCode();
            }

            if (entries.Any(entry => entry.Event is RunFinished))
            {
                break;
            }
        }

        return new WireLog(epoch, runId, entries);
    }
}
