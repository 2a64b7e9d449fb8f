using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Worker.Running.Checkpoints;

/// <summary>
/// One thing that a run must not forget.
/// The records of a run, in order, are all that another worker needs to go on, and later the turn's place in the prompt.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ReplyRecorded), "reply")]
[JsonDerivedType(typeof(ReplyWasted), "wasted")]
[JsonDerivedType(typeof(CallsIntended), "intent")]
[JsonDerivedType(typeof(CallFinished), "result")]
[JsonDerivedType(typeof(HistoryCondensed), "history")]
[JsonDerivedType(typeof(SubAgentRecorded), "sub")]
[JsonDerivedType(typeof(RecordsTogether), "all")]
[JsonDerivedType(typeof(ReplyBegun), "begun")]
[JsonDerivedType(typeof(MessageTaken), "taken")]
[JsonDerivedType(typeof(SpendingAnswered), "spending")]
[JsonDerivedType(typeof(EmptyRecord), "attempt")]
internal abstract record RunRecord
{
    /// <summary>
    /// W3C trace context of the attempt that began with this record, where it was traced: the next attempt ties its span to that one's.
    /// </summary>
    public string? Attempt { get; init; }

    /// <summary>
    /// The end of the run with this record, where it came to no answer; <c>null</c>:
    /// it did, or it did not end here, or a version that did not say it wrote this.
    /// </summary>
    public RunEnding? Ended { get; init; }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, RunRecordJson.Stored.RunRecord);

    public static RunRecord FromBytes(ReadOnlyMemory<byte> bytes)
        => JsonSerializer.Deserialize(bytes.Span, RunRecordJson.Default.RunRecord) ?? throw new JsonException("an empty record");
}

/// <summary>A whole reply of the model, or as much of it as came before it was cut off.</summary>
internal sealed record ReplyRecorded : RunRecord
{
    public required int Iteration { get; init; }

    public string Text { get; init; } = "";

    public required IReadOnlyList<RecordedCall> Calls { get; init; }

    public TokenUsage? Usage { get; init; }

    public bool CutOff { get; init; }

    /// <summary>The number of characters that the model wrote, thoughts included.</summary>
    public int Characters { get; init; }

    /// <summary>Our estimate of its prompt, in tokens, beside what its provider counted; <c>null</c> where it counted none.</summary>
    public long? PromptTokens { get; init; }

    /// <summary>
    /// What the model wants back word for word: signed thoughts, and whatever its server sent beside the fields that everybody knows;
    /// <c>null</c>: nothing.
    /// </summary>
    public IReadOnlyList<RecordedThought>? Thoughts { get; init; }

    /// <summary>The provider and model whose calls these are: it knows their ids; <c>null</c>: not known, or there are none.</summary>
    public string? Origin { get; init; }
}

/// <summary>A signed thought (<see cref="Models.Pipeline.OpaqueThought"/>).</summary>
/// <param name="Origin">The provider and model whose it is.</param>
/// <param name="Data">What it reads.</param>
/// <param name="Position">How many characters of the reply's text stand before it.</param>
internal sealed record RecordedThought(string Origin, string Data, int Position);

/// <summary>A reply that broke off and was asked for again: nothing of it counts but what it cost.</summary>
internal sealed record ReplyWasted(TokenUsage Usage, int Characters) : RunRecord;

/// <summary>An agent that runs as a whole is about to begin. Without a reply after it, its work is in doubt.</summary>
internal sealed record ReplyBegun : RunRecord;

/// <summary>A message that came while the run was under way, and that the model reads before its next reply.</summary>
/// <param name="RunId">The run that it would have had.</param>
/// <param name="Text">What the model reads.</param>
internal sealed record MessageTaken(RunId RunId, string Text) : RunRecord;

/// <summary>A person was asked whether the run may cost more.</summary>
/// <param name="Amount">How much more it may cost; 0: no more.</param>
internal sealed record SpendingAnswered(decimal Amount) : RunRecord;

/// <summary>A tool call as the model wrote it.</summary>
/// <param name="Id">Ours, the same in each attempt.</param>
/// <param name="ModelId">The model’s own id, which its provider expects beside the result.</param>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">The text of the arguments, valid or not.</param>
internal sealed record RecordedCall(ToolCallId Id, string ModelId, string Name, string Arguments);

/// <summary>These calls are about to begin. Without a result after it, such a call is in doubt.</summary>
internal sealed record CallsIntended(IReadOnlyList<ToolCallId> Ids) : RunRecord
{
    /// <summary>The time at which another agent began to do the (one) call, less what the run had waited for people until then.</summary>
    public DateTimeOffset? DelegatedAt { get; init; }

    /// <summary>The step inside which it does so.</summary>
    public StepId? DelegatedIn { get; init; }

    /// <summary>Those whose arguments a person changed, and what they are now.</summary>
    public IReadOnlyList<EditedCall>? Edits { get; init; }
}

/// <summary>A call that runs with other arguments than the model wrote.</summary>
internal sealed record EditedCall(ToolCallId Id, string Arguments);

/// <summary>The result of a call, final: it is never executed again.</summary>
internal sealed record CallFinished(ToolCallId Id, string Content, bool IsError, double DurationMs) : RunRecord;

/// <summary>The conversation in prompts from here on; each replaces the one before.</summary>
internal sealed record HistoryCondensed : RunRecord
{
    /// <summary>Turns that stand in no prompt any more, the store's forgotten ones included.</summary>
    public IReadOnlyList<RunId> Forgotten { get; init; } = [];

    /// <summary>The places of their messages in the log, in the same order.</summary>
    public IReadOnlyList<Offset> Places { get; init; } = [];

    /// <summary>The text in their place; empty: nothing.</summary>
    public string Summary { get; init; } = "";

    /// <summary>Turns whose tool results are shortened.</summary>
    public IReadOnlyList<RunId> Shortened { get; init; } = [];

    /// <summary>The number of this run's own replies that have shortened results; means nothing to later runs.</summary>
    public int ShortenedReplies { get; init; }

    /// <summary>
    /// The number of tokens in its prompts that come from the history of the message; <c>null</c>: as many as the agent's limit.
    /// Means nothing to later runs.
    /// </summary>
    public long? SuppliedTokens { get; init; }

    /// <summary>The lesson of a refusal about the model's context; <c>null</c>: nothing.</summary>
    public LearntWindow? Window { get; init; }

    /// <summary>The cost of the summary.</summary>
    public TokenUsage? Usage { get; init; }

    /// <summary>The forgotten turns with their places; a place that is not recorded is <see cref="Offset.Start"/>.</summary>
    public IEnumerable<(RunId RunId, Offset Place)> ForgottenPlaces()
        => Forgotten.Select((id, i) => (id, i < Places.Count ? Places[i] : Offset.Start));
}

/// <summary>A prompt was refused as too long, although it was smaller than what the model was taken to take in.</summary>
/// <param name="Model">Which model, as people see it.</param>
/// <param name="ContextTokens">What it was taken to take in.</param>
/// <param name="Tokens">What prompts for it keep within from here on: half of what was refused.</param>
internal sealed record LearntWindow(string Model, int ContextTokens, long Tokens);

/// <summary>A record of the agent that does the call, in the life of its own loop.</summary>
internal sealed record SubAgentRecorded(ToolCallId Call, RunRecord Record) : RunRecord;

/// <summary>Several records that stand or fall together.</summary>
internal sealed record RecordsTogether(IReadOnlyList<RunRecord> Records) : RunRecord;

/// <summary>Nothing but what any record may say.</summary>
internal sealed record EmptyRecord : RunRecord;

/// <summary>The end of a run that came to no answer: later prompts say it.</summary>
/// <param name="Status">Failed or cancelled.</param>
/// <param name="Code">Why it failed.</param>
internal sealed record RunEnding(RunStatus Status, string? Code = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunRecord))]
[JsonSerializable(typeof(string))]
internal sealed partial class RunRecordJson : JsonSerializerContext
{
    /// <summary>
    /// For writing: only what JSON itself demands is escaped, since records count against the conversation's bytes. Reading takes both.
    /// </summary>
    public static RunRecordJson Stored => StoredHolder.Instance;

    // A class of its own, because the generated half initialises its statics in an order that nobody can rely on.
    private static class StoredHolder
    {
        public static readonly RunRecordJson Instance =
            new(new JsonSerializerOptions(Default.GeneratedSerializerOptions!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
