using AgentStream.Client;
using Spectre.Console;

namespace AgentStream.Samples.Terminal;

/// <summary>Asks, shows what happens, answers when the agent wants leave for a tool.</summary>
internal sealed class Chat(AgentStreamClient client, Arguments arguments, IAnsiConsole console)
{
    private const string Gone = "gone";

    private readonly AgentSession _session = client.Session(arguments.Session);
    private readonly Screen _screen = new(console);
    private readonly Keyboard _keyboard = new(Console.In);
    private readonly List<Question> _questions = [];
    private int _running;

    /// <returns>0: the last run was completed.</returns>
    public async Task<int> RunAsync()
    {
        await using var connection = _session.Connect(arguments.After);
        await using var events = connection.ReadAllAsync().GetAsyncEnumerator();
        ConsoleCancelEventHandler onCancel = (_, key) =>
        {
            // The first one stops the run, the next one this program.
            key.Cancel = Interlocked.Exchange(ref _running, 0) == 1 && connection.TryCancelAsync().GetAwaiter().GetResult();
            if (!key.Cancel)
            {
                SayHowToGoOn(connection);
            }
        };
        Console.CancelKeyPress += onCancel;
        var status = await CatchUpAsync(connection, events);
        while (await NextQuestionAsync() is { } question)
        {
            var messageId = await connection.SendAsync(question, arguments.Options);
            status = await FollowAsync(connection, events, null, messageId);
            if (arguments.Question is not null)
            {
                break;
            }
        }

        Console.CancelKeyPress -= onCancel;
        SayHowToGoOn(connection);
        return status == "completed" ? 0 : 1;
    }

    /// <summary>The entries that are there come first, up to the end of a run that is under way.</summary>
    private async Task<string> CatchUpAsync(SessionConnection connection, IAsyncEnumerator<AgentEvent> events)
    {
        while (true)
        {
            var happened = await TakeAsync(events);
            _screen.Show(happened);
            switch (happened)
            {
                case ConnectionOpened { Resumed: true } opened:
                    for (var last = connection.Cursor!.Seq + opened.Missed; connection.Cursor!.Seq < last;)
                    {
                        _screen.Show(await TakeAsync(events));
                    }

                    // What waits for a person may have been asked before the cursor.
                    return await FinishAsync(connection, events, (await _session.GetTranscriptAsync(limit: 1)).ActiveRun);
                case SnapshotReceived snapshot:
                    return await FinishAsync(connection, events, snapshot.Snapshot.ActiveRun);
                default:
                    break;
            }
        }
    }

    private async Task<string> FinishAsync(SessionConnection connection, IAsyncEnumerator<AgentEvent> events, ActiveRun? run)
    {
        if (run is null)
        {
            return "completed";
        }

        foreach (var question in run.PendingApprovals)
        {
            Ask(Question.Of(run.RunId, question));
        }

        return await FollowAsync(connection, events, run.RunId, null);
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
    private async Task<string> FollowAsync(
        SessionConnection connection, IAsyncEnumerator<AgentEvent> events, string? runId, string? messageId)
    {
        Interlocked.Exchange(ref _running, 1);
        while (true)
        {
            var happened = await NextAsync(connection, events);
            _screen.Show(happened);
            switch (happened)
            {
                case RunQueued queued when queued.MessageId == messageId:
                    runId = queued.RunId;
                    break;
                case MessageAccepted accepted when accepted.MessageId == messageId:
                    runId = accepted.RunId;
                    break;
                case RequestRefused refused when messageId is not null && refused.MessageId == messageId:
                    Interlocked.Exchange(ref _running, 0);
                    return "refused";
                case ToolApprovalRequired required:
                    Ask(Question.Of(required));
                    break;
                case ToolApprovalResolved resolved:
                    Withdraw(resolved.ToolCallId);
                    break;
                case SnapshotReceived snapshot when EndIn(snapshot.Snapshot, runId, messageId) is { } end:
                    _questions.Clear();
                    Interlocked.Exchange(ref _running, 0);
                    if (end == Gone)
                    {
                        _screen.Note("the session was erased, and the run with it", "red");
                    }

                    return end;
                case RunFinished finished when finished.RunId == runId:
                    Interlocked.Exchange(ref _running, 0);
                    return Screen.WordOf(finished.Status);
                default:
                    break;
            }
        }
    }

    /// <summary>
    /// How a run ended, as a snapshot tells it that came in place of the events: those may have had the end in them.
    /// Null: it goes on, or its message is still on its way.
    /// </summary>
    internal static string? EndIn(SessionSnapshot snapshot, string? runId, string? messageId)
    {
        foreach (var message in snapshot.Messages)
        {
            if (message.RunId == runId || (messageId is not null && message.MessageId == messageId))
            {
                return message.IsOver ? Screen.WordOf(message.Status) : null;
            }
        }

        // The session was erased, and the run with it. A message that was never accepted is sent again.
        return runId is null ? null : Gone;
    }

    private static async Task<AgentEvent> TakeAsync(IAsyncEnumerator<AgentEvent> events)
        => await events.MoveNextAsync() ? events.Current : throw new InvalidOperationException("Reading has no end.");

    /// <summary>
    /// The next event. Until it comes a person may answer: any client of the session can, so that the question may be gone before they do.
    /// </summary>
    private async Task<AgentEvent> NextAsync(SessionConnection connection, IAsyncEnumerator<AgentEvent> events)
    {
        var next = TakeAsync(events);
        while (_questions.Count > 0 && await Task.WhenAny(next, _keyboard.Line) != next)
        {
            await AnswerAsync(connection, _questions[0], await _keyboard.TakeAsync());
        }

        return await next;
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

    private async Task AnswerAsync(SessionConnection connection, Question question, string? line)
    {
        _screen.Typed();
        _questions.Remove(question);

        // Without anybody to ask the answer is no.
        var approved = line?.Trim().StartsWith('y') == true;
        if (!await connection.TryAnswerApprovalAsync(
            question.RunId, question.CallId, approved, approved ? null : "The person at the terminal said no."))
        {
            _screen.Note("the answer could not be sent; any client of the session can give it", "red");
        }

        ShowQuestion();
    }

    private void SayHowToGoOn(SessionConnection connection)
        => _screen.Note($"to go on: --url {arguments.Url} --session {arguments.Session} --after {connection.Cursor}", "grey");
}
