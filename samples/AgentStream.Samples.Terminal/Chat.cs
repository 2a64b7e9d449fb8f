using System.Text.Json;
using Spectre.Console;

namespace AgentStream.Samples.Terminal;

/// <summary>Asks, shows what happens, answers when the agent wants leave for a tool.</summary>
internal sealed class Chat(Arguments arguments, IAnsiConsole console)
{
    private const string Gone = "gone";

    private readonly Screen _screen = new(console);
    private readonly Keyboard _keyboard = new(Console.In);
    private readonly List<Question> _questions = [];
    private int _running;

    /// <returns>0: the last run was completed.</returns>
    public async Task<int> RunAsync()
    {
        await using var session = new SessionClient(
            arguments.Url, arguments.Session, arguments.After,
            pause => _screen.Note($"no connection; trying again in {pause.TotalSeconds:0.0} s", "yellow"));
        ConsoleCancelEventHandler onCancel = (_, key) =>
        {
            // The first one stops the run, the next one this program.
            key.Cancel = Interlocked.Exchange(ref _running, 0) == 1 && session.TrySendAsync(Outgoing.Cancel()).GetAwaiter().GetResult();
            if (!key.Cancel)
            {
                SayHowToGoOn(session);
            }
        };
        Console.CancelKeyPress += onCancel;
        var status = await CatchUpAsync(session);
        while (await NextQuestionAsync() is { } question)
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

    /// <summary>The entries that are there come first, up to the end of a run that is under way.</summary>
    private async Task<string> CatchUpAsync(SessionClient session)
    {
        while (true)
        {
            var frame = await session.ReadAsync(CancellationToken.None);
            _screen.Show(frame);
            if (frame.Type == "connected" && frame.Data.GetProperty("resumed").GetBoolean())
            {
                for (var last = frame.Data.GetProperty("last_seq").GetInt64(); session.Cursor!.Seq < last;)
                {
                    _screen.Show(await session.ReadAsync(CancellationToken.None));
                }

                // What waits for a person may have been asked before the cursor.
                return await FinishAsync(session, await session.StateAsync());
            }

            if (frame.Type is "snapshot" or "resync")
            {
                return await FinishAsync(session, frame.Data);
            }
        }
    }

    private async Task<string> FinishAsync(SessionClient session, JsonElement state)
    {
        if (!state.TryGetProperty("active_run", out var run))
        {
            return "completed";
        }

        var runId = Frame.TextOf(run, "run_id")!;
        foreach (var question in run.GetProperty("pending_approvals").EnumerateArray())
        {
            Ask(Question.Of(runId, question));
        }

        return await FollowAsync(session, runId, null);
    }

    private async Task<string?> NextQuestionAsync()
    {
        if (arguments.Question is { } given)
        {
            return given;
        }

        _screen.Prompt("> ");
        var typed = await _keyboard.TakeAsync();
        _screen.Typed();
        return typed is { Length: > 0 } ? typed : null;
    }

    /// <summary>Shows everything up to the end of a run: the one of this id, or the one that this message begins.</summary>
    /// <returns>How the run ended.</returns>
    private async Task<string> FollowAsync(SessionClient session, string? runId, string? messageId)
    {
        Interlocked.Exchange(ref _running, 1);
        while (true)
        {
            var frame = await NextAsync(session);
            _screen.Show(frame);
            switch (frame.Type)
            {
                case "run_queued" or "accepted" when frame.Text("message_id") == messageId:
                    runId = frame.RunId ?? frame.Text("run_id");
                    break;
                case "error" when messageId is not null && frame.Text("message_id") == messageId:
                    Interlocked.Exchange(ref _running, 0);
                    return "refused";
                case "tool_approval_required":
                    Ask(Question.Of(frame.RunId!, frame.Data));
                    break;
                case "tool_approval_resolved":
                    Withdraw(frame.Text("tool_call_id")!);
                    break;
                case "snapshot" or "resync" when EndIn(frame.Data, runId, messageId) is { } end:
                    _questions.Clear();
                    Interlocked.Exchange(ref _running, 0);
                    if (end == Gone)
                    {
                        _screen.Note("the session was erased, and the run with it", "red");
                    }

                    return end;
                case "run_finished" when frame.RunId == runId:
                    Interlocked.Exchange(ref _running, 0);
                    return frame.Text("status")!;
                default:
                    break;
            }
        }
    }

    /// <summary>
    /// How a run ended, as a snapshot tells it that came in place of the events: those may have had the end in them.
    /// Null: it goes on, or its message is still on its way.
    /// </summary>
    internal static string? EndIn(JsonElement snapshot, string? runId, string? messageId)
    {
        foreach (var message in snapshot.GetProperty("messages").EnumerateArray())
        {
            if (Frame.TextOf(message, "run_id") == runId || (messageId is not null && Frame.TextOf(message, "message_id") == messageId))
            {
                return Frame.TextOf(message, "status") is "completed" or "failed" or "cancelled" ? Frame.TextOf(message, "status") : null;
            }
        }

        // The session was erased, and the run with it. A message that was never accepted is sent again.
        return runId is null ? null : Gone;
    }

    /// <summary>
    /// The next frame. Until it comes a person may answer: any client of the session can, so that the question may be gone before they do.
    /// </summary>
    private async Task<Frame> NextAsync(SessionClient session)
    {
        var frame = session.ReadAsync(CancellationToken.None);
        while (_questions.Count > 0 && await Task.WhenAny(frame, _keyboard.Line) != frame)
        {
            await AnswerAsync(session, _questions[0], await _keyboard.TakeAsync());
        }

        return await frame;
    }

    private void Ask(Question question)
    {
        if (_questions.Any(known => known.CallId == question.CallId))
        {
            return;
        }

        _questions.Add(question);
        if (_questions.Count == 1)
        {
            ShowQuestion();
        }
    }

    private void ShowQuestion()
    {
        if (_questions.Count > 0)
        {
            _keyboard.Forget();
            _screen.Note(_questions[0].Text, "yellow");
            _screen.Prompt("allow it? (y/n) ");
        }
    }

    /// <summary>Somebody else has answered, or nobody in time, or the run was cancelled.</summary>
    private void Withdraw(string callId)
    {
        var at = _questions.FindIndex(question => question.CallId == callId);
        if (at < 0)
        {
            return;
        }

        _questions.RemoveAt(at);
        if (at == 0)
        {
            _screen.Note("this question is settled", "yellow");
            ShowQuestion();
        }
    }

    private async Task AnswerAsync(SessionClient session, Question question, string? line)
    {
        _screen.Typed();
        _questions.Remove(question);

        // Without anybody to ask the answer is no.
        var approved = line?.Trim().StartsWith('y') == true;
        if (!await session.TrySendAsync(
            Outgoing.Answer(question.RunId, question.CallId, approved, approved ? null : "The person at the terminal said no.")))
        {
            _screen.Note("the answer could not be sent; any client of the session can give it", "red");
        }

        ShowQuestion();
    }

    private void SayHowToGoOn(SessionClient session)
        => _screen.Note($"to go on: --url {arguments.Url} --session {arguments.Session} --after {session.Cursor}", "grey");
}
