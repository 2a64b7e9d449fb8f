using Spectre.Console;

namespace AgentStream.Samples.Terminal;

/// <summary>Asks, shows what happens, answers when the agent wants leave for a tool.</summary>
internal sealed class Chat(Arguments arguments, IAnsiConsole console)
{
    private readonly Screen _screen = new(console);
    private readonly HashSet<string> _resolved = [];
    private bool _running;

    /// <returns>0: the last run was completed.</returns>
    public async Task<int> RunAsync()
    {
        using var leave = new CancellationTokenSource();
        await using var session = new SessionClient(
            arguments.Url, arguments.Session, arguments.After, pause => _screen.Note($"no connection; trying again in {pause.TotalSeconds:0.0} s", "yellow"));
        ConsoleCancelEventHandler onCancel = (_, key) =>
        {
            key.Cancel = true;
            var stopsRun = _running;
            _running = false;
            if (!stopsRun || !session.TrySendAsync(Wire.Cancel()).GetAwaiter().GetResult())
            {
                leave.Cancel();
            }
        };
        Console.CancelKeyPress += onCancel;
        var status = "completed";
        try
        {
            // What there is already comes first.
            while (await session.ReadAsync(leave.Token) is var frame && frame.Type is not ("snapshot" or "resync"))
            {
                _screen.Show(frame);
                if (arguments.After is not null && frame.Type == "connected" && frame.Data.GetProperty("resumed").GetBoolean())
                {
                    break;
                }
            }

            while (NextQuestion() is { } question)
            {
                status = await AskAsync(session, question, leave.Token);
                if (arguments.Question is not null)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (leave.IsCancellationRequested)
        {
            status = "left";
        }
        finally
        {
            Console.CancelKeyPress -= onCancel;
        }

        _screen.Note($"to go on: --url {arguments.Url} --session {arguments.Session} --after {session.Cursor}", "grey");
        return status == "completed" ? 0 : 1;
    }

    private string? NextQuestion()
    {
        if (arguments.Question is { } given)
        {
            return given;
        }

        console.Markup("[bold]> [/]");
        return Console.ReadLine() is { Length: > 0 } typed ? typed : null;
    }

    /// <returns>How the run ended.</returns>
    private async Task<string> AskAsync(SessionClient session, string question, CancellationToken leave)
    {
        var messageId = Guid.NewGuid().ToString("N");
        string? runId = null;
        _running = true;
        await session.ChatAsync(Wire.Message(arguments, question, messageId));
        while (true)
        {
            var frame = await session.ReadAsync(leave);
            _screen.Show(frame);
            switch (frame.Type)
            {
                case "run_queued" or "accepted" when frame.Text("message_id") == messageId:
                    runId = frame.RunId ?? frame.Text("run_id");
                    break;
                case "error" when frame.Text("message_id") == messageId:
                    return "refused";
                case "tool_approval_required":
                    await AnswerAsync(session, frame);
                    break;
                case "tool_approval_resolved":
                    _resolved.Add(frame.Text("tool_call_id")!);
                    break;
                case "run_finished" when frame.RunId == runId:
                    _running = false;
                    return frame.Text("status")!;
                default:
                    break;
            }
        }
    }

    private async Task AnswerAsync(SessionClient session, Frame frame)
    {
        var callId = frame.Text("tool_call_id")!;
        if (_resolved.Contains(callId))
        {
            return;
        }

        var arguments = frame.Data.TryGetProperty("arguments", out var given) ? given.GetRawText() : "";
        _screen.Note($"{frame.Text("tool_name")} wants to be called with {arguments}", "yellow");
        console.Markup("[bold]allow it? (y/n) [/]");
        // Without anybody to ask the answer is no.
        var approved = Console.ReadLine()?.Trim().StartsWith('y') == true;
        if (!await session.TrySendAsync(Wire.Answer(frame.RunId!, callId, approved, approved ? null : "The person at the terminal said no.")))
        {
            _screen.Note("the answer could not be sent; it can be given by any client of the session", "red");
        }
    }
}
