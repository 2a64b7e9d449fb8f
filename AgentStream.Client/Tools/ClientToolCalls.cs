using AgentStream.Client.Connections;

namespace AgentStream.Client.Tools;

/// <summary>Executes the calls of a program's own tools beside its reading, and sees to it that the results arrive.</summary>
/// <param name="session">Where the run is.</param>
/// <param name="options">The tools.</param>
/// <param name="settings">The clock, for pauses between attempts.</param>
internal sealed class ClientToolCalls(AgentSession session, AskOptions? options, AgentStreamClientOptions settings) : IAsyncDisposable
{
    private readonly List<ClientTool> _tools = options?.Tools?.Where(tool => tool.Execute is not null).ToList() ?? [];
    private readonly Dictionary<string, Task> _calls = [];
    private readonly CancellationTokenSource _leaving = new();

    /// <summary>Takes an event of the run.</summary>
    public void Take(AgentEvent happened, string? runId)
    {
        switch (happened)
        {
            case ToolApprovalRequired { IsClientTool: true } asked:
                Begin(new ClientToolCall(asked.RunId, asked.ToolCallId, asked.ToolName, asked.Arguments));
                break;
            case SnapshotReceived { Snapshot.ActiveRun: { } active } when active.RunId == runId:
                foreach (var asked in active.PendingApprovals.Where(asked => asked.IsClientTool))
                {
                    Begin(new ClientToolCall(active.RunId, asked.ToolCallId, asked.ToolName, asked.Arguments));
                }

                break;
            default:
                break;
        }
    }

    /// <summary>Ends the calls that are under way: nobody waits for them any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_calls.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _leaving.Dispose();
    }

    private void Begin(ClientToolCall call)
    {
        if (_tools.Find(tool => tool.Name == call.ToolName) is { } tool && !_calls.ContainsKey(call.ToolCallId))
        {
            // Not on the thread that reads: a tool may take its time.
            _calls[call.ToolCallId] = Task.Run(async () => await GiveAsync(call, await ExecuteAsync(tool, call).ConfigureAwait(false))
                .ConfigureAwait(false));
        }
    }

    private async Task<ClientToolResult> ExecuteAsync(ClientTool tool, ClientToolCall call)
    {
        try
        {
            return await tool.Execute!(call, _leaving.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (!_leaving.IsCancellationRequested)
        {
            options?.ToolFailed?.Invoke(call, exception);
            return new ClientToolResult($"{call.ToolName} failed.", IsError: true);
        }
    }

    private async Task GiveAsync(ClientToolCall call, ClientToolResult result)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await session.GiveToolResultAsync(call.RunId, call.ToolCallId, result.Text, result.IsError, _leaving.Token)
                    .ConfigureAwait(false);
                return;
            }
            catch (AgentStreamException exception) when (IsNotNow(exception))
            {
                var pause = Backoff.Pause(attempt, settings.Random());
                await Task.Delay(exception.RetryAfter is { } asked && asked > pause ? asked : pause, settings.Time, _leaving.Token)
                    .ConfigureAwait(false);
            }
            catch (AgentStreamException exception) when (exception.Code is "already_answered" or "no_such_approval" or "unknown_run")
            {
                // It arrived before, or somebody else was faster, or nobody waits for it any more.
                return;
            }
            catch (AgentStreamException exception)
            {
                options?.ToolFailed?.Invoke(call, exception);
                if (result.IsError)
                {
                    return;
                }

                // Too long, for one. The server's sentence says so, and the model may do with less.
                result = new ClientToolResult(exception.Message, IsError: true);
            }
        }
    }

    private static bool IsNotNow(AgentStreamException exception)
        => exception.Code == AgentStreamException.Unreachable || (int?)exception.StatusCode is >= 500 or 408 or 425 or 429;
}
