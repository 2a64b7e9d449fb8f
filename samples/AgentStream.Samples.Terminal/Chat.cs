using System.Text.Json;
using Spectre.Console;

namespace AgentStream.Samples.Terminal;

/// <summary>Asks, shows what happens, answers when the agent wants leave for a tool.</summary>
internal sealed class Chat(Arguments arguments, IAnsiConsole console)
{
    private readonly Screen _screen = new(console);
    private volatile bool _running;

    /// <returns>0: the last run was completed.</returns>
    public async Task<int> RunAsync()
    {
        await using var session = new SessionClient(
            arguments.Url, arguments.Session, arguments.After, pause => _screen.Note($"no connection; trying again in {pause.TotalSeconds:0.0} s", "yellow"));
        ConsoleCancelEventHandler onCancel = (_, key) =>
        {
            // The first one stops the run, the next one this program.
            key.Cancel = _running && session.TrySendAsync(Outgoing.Cancel()).GetAwaiter().GetResult();
            _running = false;
            if (!key.Cancel)
            {
                SayHowToGoOn(session);
            }
        };
        Console.CancelKeyPress += onCancel;
        var status = await CatchUpAsync(session);
        while (NextQuestion() is { } question)
        {
            var message = Outgoing.Message(arguments, question, Guid.NewGuid().ToString("N"));
            await session.ChatAsync(message);
            status = await FollowAsync(session, null, message["message_id"]!.GetValue<string>());
            if (arguments.Question is not null)
            {
                break;
            }
        }

        Console.CancelKeyPress -= onCancel;
        SayHowToGoOn(session);
        return status == "completed" ? 0 : 1;
    }

    /// <summary>What there is already comes first, up to the end of a run that is under way.</summary>
    private async Task<string> CatchUpAsync(SessionClient session)
    {
        while (true)
        {
            var frame = await session.ReadAsync(CancellationToken.None);
            _screen.Show(frame);
            if (frame.Type == "connected" && frame.Data.GetProperty("resumed").GetBoolean())
            {
                return "completed";
            }

            if (frame.Type is "snapshot" or "resync")
            {
                return await FinishAsync(session, frame.Data);
            }
        }
    }

    private async Task<string> FinishAsync(SessionClient session, JsonElement snapshot)
    {
        if (!snapshot.TryGetProperty("active_run", out var run))
        {
            return "completed";
        }

        var runId = Frame.TextOf(run, "run_id")!;
        foreach (var question in run.GetProperty("pending_approvals").EnumerateArray())
        {
            await AnswerAsync(session, runId, question);
        }

        return await FollowAsync(session, runId, null);
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

    /// <summary>Shows everything up to the end of a run: the one of this id, or the one that this message begins.</summary>
    /// <returns>How the run ended.</returns>
    private async Task<string> FollowAsync(SessionClient session, string? runId, string? messageId)
    {
        _running = true;
        while (true)
        {
            var frame = await session.ReadAsync(CancellationToken.None);
            _screen.Show(frame);
            switch (frame.Type)
            {
                case "run_queued" or "accepted" when frame.Text("message_id") == messageId:
                    runId = frame.RunId ?? frame.Text("run_id");
                    break;
                case "error" when messageId is not null && frame.Text("message_id") == messageId:
                    _running = false;
                    return "refused";
                case "tool_approval_required":
                    await AnswerAsync(session, frame.RunId!, frame.Data);
                    break;
                case "run_finished" when frame.RunId == runId:
                    _running = false;
                    return frame.Text("status")!;
                default:
                    break;
            }
        }
    }

    private async Task AnswerAsync(SessionClient session, string runId, JsonElement question)
    {
        var given = question.TryGetProperty("arguments", out var value) ? value.GetRawText() : "";
        _screen.Note($"{Frame.TextOf(question, "tool_name")} wants to be called with {given}", "yellow");
        console.Markup("[bold]allow it? (y/n) [/]");
        // Without anybody to ask the answer is no.
        var approved = Console.ReadLine()?.Trim().StartsWith('y') == true;
        var answer = Outgoing.Answer(runId, Frame.TextOf(question, "tool_call_id")!, approved, approved ? null : "The person at the terminal said no.");
        if (!await session.TrySendAsync(answer))
        {
            _screen.Note("the answer could not be sent; any client of the session can give it", "red");
        }
    }

    private void SayHowToGoOn(SessionClient session)
        => _screen.Note($"to go on: --url {arguments.Url} --session {arguments.Session} --after {session.Cursor}", "grey");
}
