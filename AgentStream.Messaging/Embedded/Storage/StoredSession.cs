using AgentStream.Messaging.Log;
using AgentStream.Messaging.Owners;

namespace AgentStream.Messaging.Embedded.Storage;

/// <summary>A session as the database has it.</summary>
/// <param name="Number">By which its records are found.</param>
/// <param name="Records">What the session is the fold of, in order; the first is a base.</param>
internal sealed record StoredSession(long Number, IReadOnlyList<StoredRecord> Records);

/// <summary>One record.</summary>
/// <param name="Number">Counts the records of all sessions.</param>
/// <param name="Bytes">See <see cref="RecordCodec"/>.</param>
internal sealed record StoredRecord(long Number, byte[] Bytes);

/// <summary>A session with entries that may leave the replay window.</summary>
/// <param name="FirstEnd">The end of its oldest such run, in UTC ticks.</param>
/// <param name="SessionId">Which.</param>
internal readonly record struct EndedSession(long FirstEnd, string SessionId)
{
    public static EndedSession First => new(0, "");
}

/// <summary>What is written of one session at once.</summary>
internal sealed class SessionWrite
{
    /// <summary>The session's number; 0: it comes into being, and gets one.</summary>
    public required long Number { get; set; }

    /// <summary>Its row in the list after this write.</summary>
    public required SessionSummary Row { get; init; }

    public required bool TitleIsNew { get; init; }

    /// <summary>The end of its oldest run whose entries are still in the log.</summary>
    public required DateTimeOffset? FirstEnd { get; init; }

    public required IReadOnlyList<byte[]> Records { get; init; }

    /// <summary>The attachments that its messages name.</summary>
    public IReadOnlyList<AttachmentId> Sent { get; init; } = [];

    /// <summary>The runs that are over with it and have used anything.</summary>
    public IReadOnlyList<SpentRun> Spent { get; init; } = [];
}

/// <summary>A run that is over.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Day">The day on which it ended (UTC).</param>
/// <param name="Spending">What it has used.</param>
internal sealed record SpentRun(RunId RunId, DateOnly Day, Spending Spending);

/// <summary>An attachment as the database has it.</summary>
/// <param name="SessionId">Its session.</param>
/// <param name="Id">Its name.</param>
/// <param name="Owner">Who added it.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Info">What is known of it, for who reads it.</param>
internal sealed record StoredAttachment(SessionId SessionId, AttachmentId Id, PrincipalId Owner, long Size, byte[] Info);
