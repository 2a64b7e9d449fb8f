using System.Text;
using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;
using AgentStream.Tests.Messaging.Specification;

namespace AgentStream.Tests.Messaging.Contract;

/// <summary>Lets a history happen to a store and to the model, and compares them at each step.</summary>
internal sealed class HistoryRunner(StoreHome home, MessagingOptions options) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);
    private static readonly SessionId[] Sessions = [SessionId.Parse("one"), SessionId.Parse("Two")];

    private readonly StoreModel _model = new(options, home.Now);
    private readonly List<(RunLease Lease, long Next)> _leases = [];
    private readonly List<(SessionId SessionId, RunId RunId, ToolCallId ToolCallId)> _questions = [];
    private readonly List<HistoryReader> _readers = [];
    private readonly Dictionary<SessionId, string> _titles = [];

    public async Task RunAsync(IEnumerable<HistoryStep> steps)
    {
        foreach (var step in steps)
        {
            await RunAsync(step);
        }

        // In the end every run ends, whatever happened to it, and every reader has seen all of it.
        var longest = options.LeaseDuration + LongestWait;
        await home.AdvanceAsync(longest);
        _model.Advance(longest);
        await home.ExpireAsync();
        _model.Expire();
        while (_model.Claimable.Any())
        {
            await ClaimAsync();
            var lease = _leases[^1].Lease;
            var status = _model[lease.SessionId].Runs.Single(run => run.Id == lease.RunId).CancelRequested
                ? RunStatus.Cancelled
                : RunStatus.Completed;
            await FinishAsync(_leases.Count - 1, status, shift: 0);
        }

        Assert.Null(await home.Queue.ClaimAsync("w"));
        foreach (var reader in _readers)
        {
            await DrainAsync(reader);
        }

        foreach (var session in Sessions)
        {
            await CompareAsync(session);
        }
    }

    private async Task DrainAsync(HistoryReader reader)
    {
        // A model that does not know the newest epoch would take its cursors for another log's, and wait for a resync.
        await LearnAsync(reader.SessionId);
        await reader.DrainAsync(_model[reader.SessionId], Patience);
    }

    private async Task LearnAsync(SessionId session)
    {
        if (_model[session].Log.Count > 0)
        {
            _model[session].Learn((await home.Log.GetHeadAsync(session)).Epoch);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var reader in _readers)
        {
            await reader.DisposeAsync();
        }
    }

    private async Task RunAsync(HistoryStep step)
    {
        var session = Sessions[step.A % Sessions.Length];
        switch (step.Kind)
        {
            case Happening.Enqueue:
                await EnqueueAsync(step, session);
                break;

            case Happening.Claim:
                await ClaimAsync();
                break;

            case Happening.Append when _leases.Count > 0:
                await AppendAsync(step);
                break;

            case Happening.Finish when _leases.Count > 0:
                await FinishAsync(Lease(step.A), (RunStatus)(step.B % 3), Shift(step.C), step.Tear);
                break;

            case Happening.Renew when _leases.Count > 0:
                var renewed = _leases[Lease(step.A)].Lease;
                Assert.Equal(_model[renewed.SessionId].Renew(renewed, _model.Now), await home.Queue.RenewAsync(renewed));
                break;

            case Happening.Release when _leases.Count > 0:
                var released = _leases[Lease(step.A)].Lease;
                await WriteAsync(
                    step.Tear, () => _model[released.SessionId].Release(released), async () => await home.Queue.ReleaseAsync(released));
                break;

            case Happening.Park when _leases.Count > 0:
                await ParkAsync(step);
                break;

            case Happening.Answer when _questions.Count > 0:
                await AnswerAsync(step);
                break;

            case Happening.Expire:
                await home.ExpireAsync();
                _model.Expire();
                break;

            case Happening.Cancel:
                var runs = _model[session].Runs;
                RunId? target = step.B % 3 == 0 || runs.Count == 0 ? null : runs[step.C % runs.Count].Id;
                await WriteAsync(
                    step.Tear, () => _model[session].Cancel(target, "client", _model.Now),
                    async () => await home.Queue.CancelAsync(session, target, "client"));
                break;

            case Happening.Advance:
                var by = TimeSpan.FromSeconds(1 + (step.B % 12));
                await home.AdvanceAsync(by);
                _model.Advance(by);
                break;

            case Happening.Restart:
                await RestartAsync();
                break;

            case Happening.Retain:
                await home.RetainAsync();
                _model.Retain();
                await CompareAsync(session);
                break;

            case Happening.Erase:
                Assert.Equal(_model.Erase(session), await home.Log.EraseAsync(session));
                _titles.Remove(session);
                Assert.False((await home.Log.GetHeadAsync(session)).Exists);
                break;

            case Happening.Rename:
                var title = $"title {step.B}";
                var exists = _model[session].Log.Count > 0;
                Assert.Equal(exists, await home.Log.RenameAsync(session, title));
                if (exists)
                {
                    _titles[session] = title;
                }

                break;

            case Happening.Follow when _readers.Count < 8:
                await LearnAsync(session);
                var from = new Offset(step.B % (_model[session].LastSeq.Value + 1));
                _readers.Add(new HistoryReader(session, new Cursor(_model[session].Epoch, from), home.Log));
                break;

            case Happening.Drain when _readers.Count > 0:
                await DrainAsync(_readers[step.A % _readers.Count]);
                break;

            case Happening.Read:
                await ReadAsync(session, step);
                break;
        }
    }

    private async Task EnqueueAsync(HistoryStep step, SessionId session)
    {
        var runs = _model[session].Runs;
        var request = Make.Request(
            $"m{step.B % 12}",
            session,
            (step.C % 10) switch
            {
                < 5 => OnBusy.Enqueue,
                7 => OnBusy.Reject,
                8 => OnBusy.Interrupt,
                _ => OnBusy.Steer,
            },
            step.C % 9 == 0 ? "other text" : null,
            step.B % 5 == 0 && runs.Count > 0 ? runs[step.C % runs.Count].Id : null);
        var applied = await WriteAsync(
            step.Tear, () => _model[session].Enqueue(request, _model.Now), async () => await home.Queue.EnqueueAsync(request));
        if (applied && _model[session].Log.Count > 0)
        {
            var head = await home.Log.GetHeadAsync(session);
            _model[session].Learn(head.Epoch);
            Assert.Equal(_model[session].LastSeq, head.LastSeq);
        }
    }

    private async Task ClaimAsync()
    {
        var claim = await home.Queue.ClaimAsync("w");
        if (claim is null)
        {
            Assert.Empty(_model.Claimable);
            return;
        }

        var lease = claim.Lease;
        Assert.Contains(lease.SessionId, _model.Claimable);
        var session = _model[lease.SessionId];
        var run = session.Claim(_model.Now);
        session.Learn(lease.Epoch);
        run.ClaimedIn = lease.Epoch;
        Assert.Equal(
            (run.Id, run.Token, session.Epoch, options.LeaseDuration), (lease.RunId, lease.Token.Value, lease.Epoch, lease.Duration));
        Assert.Equal(
            (run.Claims, run.Claims - run.Releases, run.CancelRequested), (claim.ClaimNumber, claim.Attempt, claim.CancelRequested));
        Assert.Equal((run.FirstStartedAt, run.Parked), (claim.FirstStartedAt, claim.Parked));
        Assert.Equal(
            run.Asked.Select(id => Describe(run.Decisions.Single(decision => decision.ToolCallId == id))),
            claim.Approvals.Select(Describe));
        Assert.Equal(run.Request.Message, claim.Request.Message);
        Assert.Equal(run.Checkpoints.Select(checkpoint => Make.Text(checkpoint)), claim.Checkpoints.Select(Make.Text));
        Assert.Equal(run.Unsettled, claim.Unsettled.Select(step => (step.StepId, step.Content)));
        Assert.Equal(
            session.Conversation.Select(
                turn =>
                    $"{turn.Id} {turn.Seq} {turn.Request.Message} "
                    + $"{string.Join('|', turn.Checkpoints.Select(checkpoint => Make.Text(checkpoint)))}"),
            claim.Conversation.Select(
                turn => $"{turn.RunId} {turn.Seq} {turn.Message} {string.Join('|', turn.Checkpoints.Select(Make.Text))}"));
        _leases.Add((lease, 1));
    }

    private async Task AppendAsync(HistoryStep step)
    {
        var index = Lease(step.A);
        var (lease, next) = _leases[index];
        var number = 1 + (step.C % 4);
        SessionEvent[] events = (step.B % 7) switch
        {
            0 => [Make.Started()],
            1 => [Make.Delta(lease, number, "Wört "), Make.Delta(lease, number, "\"\\\n")],
            2 => [Make.Step(lease, number, $"content {step.C}")],
            3 => [Make.Superseded(lease, number, number + 1)],
            4 => [],
            5 => [Make.Started(), Make.Superseded(
                lease, 1, 2, 3, 4), Make.Delta(lease, number + 4, "x"), Make.Step(lease, number + 4, "xy", StepType.Thought)],
            _ => [Make.Delta(lease, number, "a"), new UsageReported { OutputTokens = step.C }],
        };
        var steering = (await home.Queue.ReadSteeringAsync(lease)).Select(request => request.RunId).ToList();
        Assert.Equal(_model[lease.SessionId].Steering(lease), steering);
        if (step.C % 4 < 2 && (steering.Count > 0 || step.B % 7 == 4))
        {
            // Of those that wait, or what never did.
            var queued = steering.Count > 0 ? steering[step.B % steering.Count] : RunId.Parse("nobody");
            events = [.. events, new MessageSteered
            {
                QueuedRunId = queued,
                MessageId = MessageId.Parse("m"),
                Message = "said",
                Iteration = number,
            }];
        }

        var append = Make.Append(lease, next + Shift(step.C), events) with
        {
            Checkpoint = step.C % 3 == 0 ? Make.Bytes($"checkpoint {step.C}\n{{\"op\":\"") : null,
            RefuseIfCancelRequested = step.C % 5 == 0,
        };
        if (append.Sequence < 1)
        {
            return;
        }

        var answer = default(AppendResult);
        var applied = await WriteAsync(
            step.Tear,
            () => answer = _model[lease.SessionId].Append(append, null, _model.Now),
            async () => await home.Log.AppendAsync(append));
        CountUp(index, append, applied, answer);
    }

    private async Task FinishAsync(int index, RunStatus status, int shift, int tear = -1)
    {
        var (lease, next) = _leases[index];
        var append = Make.Append(lease, next + shift, Make.Step(lease, 9, "the end"));
        if (append.Sequence < 1)
        {
            return;
        }

        var answer = default(AppendResult);
        var applied = await WriteAsync(
            tear,
            () => answer = _model[lease.SessionId].Append(append, Make.Finished(status), _model.Now),
            async () => await home.Queue.FinishAsync(append, Make.Finished(status)));
        CountUp(index, append, applied, answer);
    }

    private async Task ParkAsync(HistoryStep step)
    {
        var index = Lease(step.A);
        var (lease, next) = _leases[index];
        var expiresAt = _model.Now + TimeSpan.FromSeconds(1 + (step.B % LongestWait.TotalSeconds));
        SessionEvent[] questions =
        [
            Make.Step(lease, 1 + (step.C % 4), "a thought", StepType.Thought),
            Make.Question(lease, _questions.Count, expiresAt, step.B % 3 == 0 ? null : """{"text":"Wört \"\\"}"""),
            .. step.C % 2 == 0
                ? (SessionEvent[])[Make.Question(lease, _questions.Count + 1, expiresAt + TimeSpan.FromSeconds(step.C % 5), "{}")]
                : [],
        ];
        var park = new RunPark
        {
            Append = Make.Append(lease, next + Shift(step.C), questions) with { Checkpoint = step.C % 3 == 0 ? null : Make.Bytes("asked") },
            IfCancelled = Make.Finished(RunStatus.Cancelled) with { Iterations = step.B, DurationMs = step.C },
        };
        if (park.Append.Sequence < 1)
        {
            return;
        }

        var answer = default(AppendResult);
        var applied = await WriteAsync(
            step.Tear, () => answer = _model[lease.SessionId].Park(park, _model.Now), async () => await home.Queue.ParkAsync(park));
        CountUp(index, park.Append, applied, answer);
        _questions.AddRange(
            questions.OfType<ToolApprovalRequired>().Select(question => (lease.SessionId, lease.RunId, question.ToolCallId)));
    }

    private async Task AnswerAsync(HistoryStep step)
    {
        // Mostly of the newest questions, now and then of any.
        var (session, run, call) =
            _questions[step.A % 4 == 0 ? step.B % _questions.Count : Math.Max(0, _questions.Count - 1 - (step.A % 3))];
        var answer = new ApprovalAnswer
        {
            SessionId = session,
            RunId = run,
            ToolCallId = call,
            Approved = step.C % 3 != 0,
            By = "client",
            Arguments = step.C % 4 == 0 ? JsonElement.Parse("""{"text":"edited \"data\":"}""") : null,
            Reason = step.C % 5 == 0 ? "because \"arguments\": {" : null,
        };
        await WriteAsync(
            step.Tear, () => Describe(_model[session].Answer(answer, _model.Now)),
            async () => Describe(await home.Queue.AnswerAsync(answer)));
    }

    private void CountUp(int index, RunAppend append, bool applied, AppendResult answer)
    {
        if (applied && answer.Status == AppendStatus.Appended && append.Sequence == _leases[index].Next)
        {
            _leases[index] = (append.Lease, append.Sequence + 1);
        }
    }

    /// <summary>
    /// A write, and the same answer; or a write during which the power goes, and which then has happened whole or not at all.
    /// Says whether it happened.
    /// </summary>
    private async Task<bool> WriteAsync<T>(int tear, Func<T> model, Func<Task<T>> store)
    {
        if (tear < 0 || !home.TearNextWrite(tear))
        {
            Assert.Equal(model(), await store());
            return true;
        }

        var answered = false;
        try
        {
            var answer = await store();
            answered = true;
            Assert.Equal(model(), answer);
        }
        catch (StoreUnavailableException)
        {
            Assert.False(answered);
        }

        await RestartAsync(() => !answered && home.TornWriteWasWhole ? model() : default);
        return answered || home.TornWriteWasWhole;
    }

    private Task RestartAsync() => RestartAsync(() => 0);

    private async Task RestartAsync<T>(Func<T> gotThrough)
    {
        await home.RestartAsync();
        gotThrough();
        _model.EndLeases();
        foreach (var reader in _readers)
        {
            await reader.ReconnectAsync(home.Log);
        }

        foreach (var session in Sessions)
        {
            await CompareAsync(session);
            _model[session].NoteRestart();
        }
    }

    private async Task ReadAsync(SessionId session, HistoryStep step)
    {
        await LearnAsync(session);
        var model = _model[session];
        var epoch = (step.C % 6) switch { 0 => null, 1 => Epoch.Parse("elsewhere"), _ => model.Epoch };
        var cursor = new Cursor(epoch, new Offset(step.B % (model.LastSeq.Value + 3)));
        var max = 1 + (step.C % 20);

        var batch = await home.Log.ReadAsync(session, cursor, max);

        var refused = model.Refuse(cursor);
        Assert.Equal(refused, batch.Resync);
        Assert.Equal(model.LastSeq, batch.Head);
        var expected = refused is null ? model.Log.Skip((int)cursor.After.Value).Take(max) : [];
        Assert.Equal(expected.Select(Describe), batch.Entries.Select(Describe));
    }

    /// <summary>Everything that can be read of a session.</summary>
    private async Task CompareAsync(SessionId session)
    {
        var model = _model[session];
        var head = await home.Log.GetHeadAsync(session);
        Assert.Equal((model.LastSeq, model.TrimmedThrough, model.Owner), (head.LastSeq, head.TrimmedThrough, head.Owner));
        if (model.Log.Count == 0)
        {
            return;
        }

        // A write that got through with nobody left to be told of it may be the session's first.
        model.Learn(head.Epoch);
        var batch = await home.Log.ReadAsync(session, new Cursor(head.Epoch, head.TrimmedThrough), int.MaxValue);
        Assert.Equal(model.Log.Skip((int)head.TrimmedThrough.Value).Select(Describe), batch.Entries.Select(Describe));

        foreach (var run in model.Runs)
        {
            var ends = model.Log.FindAll(entry => entry.RunId == run.Id && entry.Event is RunFinished);
            Assert.True(ends.Count == (run.Finished ? 1 : 0));
            Assert.True(ends.Count == 0 || model.Log.FindLast(entry => entry.RunId == run.Id) == ends[0]);
        }

        // However much is folded away, the transcript is that of the whole log.
        var transcript = new TranscriptFold();
        foreach (var entry in model.Log)
        {
            transcript.Apply(entry.Offset, entry.RunId, entry.Timestamp, entry.Event);
        }

        if (_titles.TryGetValue(session, out var title))
        {
            transcript.Rename(title);
        }

        var expected = transcript.Snapshot(session, head.Epoch, model.LastSeq, model.TrimmedThrough, options.SnapshotMessages);
        var snapshot = await home.Log.SnapshotAsync(session);
        Assert.Equal(LogJson.Of(expected), LogJson.Of(snapshot.Data));
        Assert.Equal($$"""{"type":"snapshot","data":{{LogJson.Of(expected)}}}""", Make.Text(snapshot.Frame));
    }

    private int Lease(int number)
    {
        // The newest lease half of the time, any that ever was otherwise.
        return number % 2 == 0 ? _leases.Count - 1 : number / 2 % _leases.Count;
    }

    private static int Shift(int number) => (number % 12) switch { 0 => -1, 1 => 1, 2 => -2, _ => 0 };

    private static string Describe(AnswerResult result) => $"{result.Status} {(result.Decision is { } decision ? Describe(decision) : "")}";

    private static string Describe(ToolApprovalResolved decision)
        => JsonSerializer.Serialize(decision, MessagingJson.Wire.ToolApprovalResolved);

    private static string Describe(LogEntry entry)
        => $"{entry.Offset} {entry.RunId} {entry.Event.Type} {Encoding.UTF8.GetString(entry.Frame.Span)}";
}
