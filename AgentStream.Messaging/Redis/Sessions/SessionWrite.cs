using System.Globalization;
using System.Text.Json;
using AgentStream.Messaging.Attachments;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Session;
using AgentStream.Messaging.Transcript;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Sessions;

/// <summary>A change as <c>commit.lua</c> writes it: what is different in the state afterwards, and the entries.</summary>
internal sealed class SessionWrite
{
    private static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(5);
    private readonly StoredSession _stored;
    private readonly LedgerState? _before;
    private readonly SessionKeys _keys;
    private readonly HashSet<string> _made = [];
    private LedgerState _after;

    private SessionWrite(StoredSession stored)
    {
        (_stored, _keys) = (stored, stored.Keys);
        _before = stored.Version.Length == 0 ? null : stored.State;
        _after = stored.State!;
    }

    public ScriptArguments Arguments { get; } = new();

    /// <summary>The session as it is when it is written.</summary>
    public StoredSession After { get; private set; } = null!;

    /// <summary>The keys that it needs.</summary>
    public RedisKey[] Keys { get; private set; } = [];

    /// <summary>Whether a run can be claimed afterwards that could not be before, or that nobody has heard of.</summary>
    public bool HasWork { get; private set; }

    /// <summary>Whether the owner's list is to be told.</summary>
    public bool IsTold { get; private set; }

    /// <summary>Whether a run is over with it.</summary>
    public bool EndsRun { get; private set; }

    /// <summary>The runs that are over with it, and what they have used.</summary>
    public IReadOnlyList<(RunId RunId, TokenUsage Usage)> Spent { get; private set; } = [];

    /// <param name="stored">What it was decided about.</param>
    /// <param name="change">What was decided.</param>
    /// <param name="renewal">The epoch that begins with it, if one does.</param>
    /// <param name="retention">How long a session stays after its last write.</param>
    /// <param name="conversationBytes">How much of the conversation is kept.</param>
    public static SessionWrite Of(
        StoredSession stored, SessionChange change, EpochRecord? renewal, TimeSpan retention, int conversationBytes)
    {
        var write = new SessionWrite(stored);
        write.Arguments.Add("expect", stored.Version);
        if (change.MakesRoom)
        {
            write.Arguments.Add("makes_room", 1);
        }

        if (change.Erases)
        {
            write.Erase();
            return write;
        }

        var version = Random.Shared.NextInt64().ToString("x", CultureInfo.InvariantCulture);
        write.Set("version", version);
        write.After = stored;
        if (renewal is not null)
        {
            (write._after, _) = LedgerFold.Apply(write._after, renewal, conversationBytes);
        }

        if (change.Record is { } record)
        {
            write.Apply(record, conversationBytes);
        }

        if (change.LeaseEnd is { } end)
        {
            write.Set("lease", ScriptArguments.ToMicroseconds(end));
            write.After = write.After with { LeaseEnd = end };
        }

        write.Say(change);
        write.KeepState();
        write.Keep(retention, change);
        write.After = write.After.After(version, write._after);
        return write;
    }

    private void Apply(SessionRecord record, int conversationBytes)
    {
        var recording = _after.Started;
        (_after, var ended) = LedgerFold.Apply(_after, record, conversationBytes);
        EndsRun = ended is not null;
        if (record.Entries is [var first, ..])
        {
            Arguments.Add("first", first.Offset.Value);
            Arguments.Add("live", _keys.Live);
            Arguments.Add("header", $"E {_after.Epoch} {first.Offset} {_after.LastSeq}\n");
            foreach (var entry in record.Entries)
            {
                Arguments.Add("frame", entry.Frame);
            }

            Measure(record);
        }

        switch (record)
        {
            case EnqueuedRecord { Request: var request } enqueued:
                var known = enqueued.ToKnown();
                SetIn("runs", request.RunId.Value, JsonSerializer.SerializeToUtf8Bytes(known, RedisJson.Stored.KnownRun));
                SetIn("messages", request.MessageId.Value, request.RunId.Value);
                SetIn("records", request.RunId.Value, JsonSerializer.SerializeToUtf8Bytes(request, MessagingJson.Wire.RunRequest));
                After = After with { Messages = After.Messages + 1, Title = After.Title ?? TitleOfMessage.From(request.Message) };
                Set("messages", After.Messages);
                Set("title", After.Title);
                foreach (var attachment in request.Attachments ?? [])
                {
                    Change($"keep attachments {attachment.Id}", AttachmentParts.Count(attachment.Size));
                }

                break;

            case ClaimedRecord claimed:
                Set("worker", claimed.Worker);
                break;

            case RenamedRecord renamed:
                After = After with { Title = renamed.Title };
                Set("title", renamed.Title);
                break;
        }

        if (record.Checkpoint is { } checkpoint && recording is { Known.RunId: var runId }
            && _after.Recorded.Any(recorded => recorded.RunId == runId))
        {
            SetIn("records", $"{runId}/{recording.Checkpoints}", checkpoint);
        }

        if (ended is not null)
        {
            SetIn("runs", ended.RunId.Value, JsonSerializer.SerializeToUtf8Bytes(ended, RedisJson.Stored.KnownRun));
        }

        // The list of sessions is another slot's matter: every few seconds is often enough to tell it of deltas.
        IsTold = record is RenamedRecord
            || (record.Entries.Count > 0 && (record is not AppendedRecord || EndsRun || record.At - _stored.UpdatedAt >= TellInterval));
        if (IsTold)
        {
            Set("updated", ScriptArguments.ToMicroseconds(record.At));
            After = After with { UpdatedAt = record.At };
        }
    }

    /// <summary>Adds up what stays of the entries, and what their runs have used.</summary>
    private void Measure(SessionRecord record)
    {
        var bytes = record.Entries.Sum(entry => entry.Event is StepDelta ? 0 : (long)entry.Frame.Length);
        if (bytes > 0)
        {
            After = After with { Bytes = After.Bytes + bytes };
            Set("bytes", After.Bytes);
        }

        if (EndsRun)
        {
            Spent =
            [
                .. from entry in record.Entries
                   let usage = (entry.Event as RunFinished)?.Usage
                   where usage is not null
                   select (entry.RunId, usage),
            ];
        }
    }

    /// <summary>Tells workers what they have to know.</summary>
    private void Say(SessionChange change)
    {
        var isLost = change.Record is EpochRecord { EndsLease: true };
        HasWork = !change.IsQuiet && _after.IsReady && (_before?.IsReady != true || change.Record is EnqueuedRecord || isLost);
        if (HasWork)
        {
            Publish(_keys.Signals, $"w {_keys.SessionId}");
        }

        if (isLost)
        {
            Publish(_keys.Live, "R\n");
        }

        if (_after.Started is { Known: { CancelRequested: true, RunId: var runId } } && _before?.Started?.Known.CancelRequested == false)
        {
            Publish(_keys.Signals, $"c {_keys.SessionId} {runId}");
        }
    }

    private void KeepState()
    {
        if (_before?.LastSeq != _after.LastSeq)
        {
            Set("seq", _after.LastSeq.Value);
        }

        if (_before?.Progress != _after.Progress)
        {
            Set("progress", JsonSerializer.SerializeToUtf8Bytes(_after.Progress, RedisJson.Stored.RunProgress));
        }

        if (_before is not null && _before with { LastSeq = _after.LastSeq, Progress = _after.Progress } == _after)
        {
            // As with each delta.
            return;
        }

        Set("state", JsonSerializer.SerializeToUtf8Bytes(_after, RedisJson.Stored.LedgerState));
        if (_before is null)
        {
            Arguments.Add("begins", _after.Epoch.Value);
            Set("owner", _after.Owner.Value);
            Set("created", ScriptArguments.ToMicroseconds(After.UpdatedAt));
        }

        // What readers ask for, who need not know of the state.
        if (_before?.Epoch != _after.Epoch)
        {
            Set("epoch", _after.Epoch.Value);
        }

        if (!ReferenceEquals(_before?.Former ?? [], _after.Former))
        {
            Set("former", JsonSerializer.SerializeToUtf8Bytes(_after.Former, RedisJson.Stored.IReadOnlyListFormerEpoch));
        }

        if (_before?.TrimmedThrough != _after.TrimmedThrough)
        {
            Set("trimmed", _after.TrimmedThrough.Value);
        }

        var unfinished = _after.Unfinished.Count();
        if (_before?.Unfinished.Count() != unfinished)
        {
            Set("unfinished", unfinished);
            Change(unfinished > 0 ? "SET unfinished" : "DEL unfinished", unfinished);
        }

        if (_before?.Activity != _after.Activity)
        {
            Set("activity", (int)_after.Activity);
        }

        if ((_before?.Started?.IsParked == true) != (_after.Started?.IsParked == true))
        {
            Change(_after.Started?.IsParked == true ? "HSET meta parked" : "HDEL meta parked", 1);
        }

        var recorded = _after.Recorded.Select(run => run.RunId).ToHashSet();
        foreach (var (runId, checkpoints) in (_before?.Recorded ?? []).Where(run => !recorded.Contains(run.RunId)))
        {
            Change($"HDEL records {runId}", "");
            for (var number = 0; number < checkpoints; number++)
            {
                Change($"HDEL records {runId}/{number}", "");
            }
        }
    }

    /// <summary>
    /// All keys of a session end at one moment, which is moved on when a hundredth of the retention has gone by.
    /// A parked run writes nothing, so its session stays until its last open question has expired, and then as long as after a write:
    /// somebody has to say so, and go on.
    /// </summary>
    private void Keep(TimeSpan retention, SessionChange change)
    {
        if (change is { Base: { } transcript, Record: TrimmedRecord { Through: var through } })
        {
            Change("SET base", transcript);
            Change("XTRIM log", $"{through.Next}-0");
        }

        var isDelta = change.Record is AppendedRecord { Checkpoint: null } && !EndsRun;
        if (!isDelta)
        {
            var last = _after.Started is { IsParked: true } run
                ? run.Open.Select(question => question.ExpiresAt).Append(_stored.ServerNow).Max()
                : _stored.ServerNow;
            var wanted = DateTimeOffset.FromUnixTimeMilliseconds((last + retention).ToUnixTimeMilliseconds());
            if (wanted - After.Expires > retention / 100 || wanted < After.Expires)
            {
                After = After with { Expires = wanted };
                Set("expires", wanted.ToUnixTimeMilliseconds());
                _made.UnionWith(SessionKeys.Lasting);
            }
        }

        foreach (var key in _made)
        {
            Change($"PEXPIREAT {key}", After.Expires.ToUnixTimeMilliseconds());
        }

        Keys = isDelta ? _keys.Append : _keys.All;
        if (change.WantsRecords)
        {
            Arguments.Add("give", 1);
        }
    }

    private void Erase()
    {
        foreach (var key in SessionKeys.Lasting)
        {
            Change($"DEL {key}", "");
        }

        Change("DEL uploads", "");

        // A message that is on its way must not begin a new session under the old name.
        Change("SET gone", _after.Epoch.Value);
        Change("PEXPIREAT gone", (_stored.ServerNow + TimeSpan.FromMinutes(1)).ToUnixTimeMilliseconds());
        Publish(_keys.Live, "R\n");
        Publish(_keys.Signals, $"e {_keys.SessionId} {_after.Epoch}");
        (Keys, After) = (_keys.All, _stored);
    }

    private void Set(string field, RedisValue value) => Arguments.Add($"HSET meta {field}", value);

    private void SetIn(string key, string field, RedisValue value) => Change($"HSET {key} {field}", value);

    private void Publish(string channel, RedisValue message) => Arguments.Add($"PUBLISH {channel}", message);

    private void Change(string name, RedisValue value)
    {
        Arguments.Add(name, value);
        if (name.Split(' ') is ["HSET" or "SET" or "keep", var key and not ("meta" or "gone"), ..])
        {
            _made.Add(key);
        }
    }
}
