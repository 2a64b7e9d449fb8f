using System.Buffers;
using System.Globalization;
using System.Text.Json;
using AgentStream.Messaging.Embedded.Sessions;
using AgentStream.Messaging.Session;
using Microsoft.Extensions.Logging;

namespace AgentStream.Messaging.Embedded.Journal;

/// <summary>Reads a session's file, and mends it where a power cut or a bad disk left its marks.</summary>
internal sealed partial class JournalLoader(
    JournalDisk disk, TimeProvider timeProvider, int conversationBytes, ILogger<JournalLoader> logger)
{
    /// <summary>
    /// The session of a file; <c>null</c> where the file holds none, whether it was foreign
    /// (and is left alone) or never got so far as its first entry (and is gone).
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="knownLength">
    /// How much of it was written for certain; more is left over from a write that failed, less is damage.
    /// <c>null</c> at the start of the process.
    /// </param>
    /// <exception cref="IOException">
    /// The disk does not give it, or it is of a newer version (<see cref="NewerJournalException"/>).
    /// </exception>
    public LoadedSession? Load(string path, long? knownLength = null)
    {
        var file = disk.Read(path).AsMemory();
        if (knownLength < file.Length)
        {
            file = file[..(int)knownLength.Value];
        }

        if (!JournalFormat.IsJournal(file.Span))
        {
            if (knownLength is null && IsUnfinished(file.Span))
            {
                LogUnfinished(path);
                disk.Delete(path);
            }
            else
            {
                LogForeign(path, knownLength is null ? LogLevel.Warning : LogLevel.Debug);
            }

            return null;
        }

        var (state, session, good) = Fold(path, file.Span, stopAt: null);
        var rest = file.Span[good..];
        var damaged = knownLength is null ? rest.Length > 0 && !JournalFormat.IsTorn(rest) : good < knownLength;
        if (damaged)
        {
            return Mend(path, file, good, session);
        }

        if (state is null || state.Ledger.LastSeq == Offset.Start)
        {
            LogUnfinished(path);
            disk.Delete(path);
            return null;
        }

        if (rest.Length > 0)
        {
            LogTorn(path, rest.Length, good);
            disk.Truncate(path, good);
        }

        var start = JournalFormat.FileHeader.Length;
        return new LoadedSession(session!.SessionId, state, good, start + JournalFormat.Measure(file.Span[start..]), Mended: false);
    }

    /// <summary>Makes the file in which all that is trimmed is folded into its base; <c>null</c> where that can't be said.</summary>
    /// <param name="path">The file.</param>
    /// <param name="file">Its bytes as they are, sound.</param>
    /// <param name="through">How far it is trimmed.</param>
    public Compaction? Compact(string path, ReadOnlySpan<byte> file, Offset through)
    {
        var (state, _, good) = Fold(path, file, through);
        if (state is null || state.Ledger.LastSeq != through)
        {
            return null;
        }

        var shorter = Rewrite(state.ToBase(), file[good..]);
        return new Compaction(shorter, shorter.Length - (file.Length - good));
    }

    private static bool IsUnfinished(ReadOnlySpan<byte> file)
        => file.Length < JournalFormat.FileHeader.Length
            && (JournalFormat.FileHeader.StartsWith(file) || !file.ContainsAnyExcept((byte)0));

    private (SessionState? State, SessionBase? Session, int Good) Fold(string path, ReadOnlySpan<byte> file, Offset? stopAt)
    {
        SessionState? state = null;
        SessionBase? session = null;
        var position = JournalFormat.FileHeader.Length;
        while (JournalFormat.Measure(file[position..]) is > 0 and var length)
        {
            JournalRecord record;
            try
            {
                record = JournalFormat.Read(file.Slice(position, length));
            }
            catch (JsonException exception)
            {
                // It fits its checksum: nothing happened to it.
                // To cut here would throw away what the version that wrote it can read, and a run's end with it.
                throw new NewerJournalException(path, exception);
            }

            if (record is BaseRecord { Session: var found })
            {
                session = found;
                state = new SessionState(found, conversationBytes);
            }
            else if (state is null)
            {
                break;
            }

            state.Replay(record);
            position += length;
            if (record.Entries.Count > 0 && record.Entries[^1].Offset == stopAt)
            {
                break;
            }
        }

        return (state, session, position);
    }

    /// <summary>
    /// Sets the file aside and goes on with what stands before the damage, as another life of the log:
    /// offsets beyond are lost, and clients may have seen them.
    /// </summary>
    private LoadedSession? Mend(string path, ReadOnlyMemory<byte> file, int good, SessionBase? session)
    {
        var stamp = timeProvider.GetUtcNow().ToString("yyyyMMdd-HHmmss-fffffff", CultureInfo.InvariantCulture);
        var aside = $"{path}.damaged-{stamp}";
        disk.Copy(path, aside);
        LogDamaged(path, good, file.Length, aside);
        if (session is null)
        {
            disk.Delete(path);
            return null;
        }

        // A new base before the other records as they are. They may name later epochs, so that the last word is a record of its own:
        // nothing that clients know goes on.
        var start = JournalFormat.FileHeader.Length;
        var firstLength = JournalFormat.Measure(file.Span[start..]);
        var mended = Rewrite(session with { Epoch = Epoch.New(), Former = null }, file.Span[(start + firstLength)..good], new EpochRecord
        {
            At = timeProvider.GetUtcNow(),
            Epoch = Epoch.New(),
            Process = "",
        });
        var temporary = path + JournalDisk.TemporaryExtension;
        disk.Write(temporary, mended);
        disk.Move(temporary, path);
        disk.FlushName(path);
        return Load(path) is { } loaded ? loaded with { Mended = true } : null;
    }

    private ReadOnlyMemory<byte> Rewrite(SessionBase session, ReadOnlySpan<byte> rest, JournalRecord? last = null)
    {
        var output = new ArrayBufferWriter<byte>(rest.Length + 4096);
        output.Write(JournalFormat.FileHeader);
        JournalFormat.Write(output, new BaseRecord { At = timeProvider.GetUtcNow(), Session = session });
        output.Write(rest);
        if (last is not null)
        {
            JournalFormat.Write(output, last);
        }

        return output.WrittenMemory;
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Path} ends in the middle of a record, as after a power cut: its last {Bytes} bytes are cut off, {Good} stay.")]
    private partial void LogTorn(string path, int bytes, int good);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{Path} is damaged: {Good} of {Length} bytes are sound and stay, the whole file is kept as {Aside}.")]
    private partial void LogDamaged(string path, int good, int length, string aside);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} never got so far as its first entry and is removed.")]
    private partial void LogUnfinished(string path);

    [LoggerMessage(Message = "{Path} is no journal that this version can read; it is left alone.")]
    private partial void LogForeign(string path, LogLevel level);
}

/// <summary>A session as its file gives it.</summary>
/// <param name="SessionId">Which.</param>
/// <param name="State">What it comes to.</param>
/// <param name="Length">How long the file is.</param>
/// <param name="FoldedLength">How much of that is its first record.</param>
/// <param name="Mended">Whether the file was damaged and is another now.</param>
internal sealed record LoadedSession(SessionId SessionId, SessionState State, long Length, long FoldedLength, bool Mended);

/// <summary>A shorter file that says the same.</summary>
/// <param name="File">Its bytes.</param>
/// <param name="FoldedLength">How much of them is its first record.</param>
internal sealed record Compaction(ReadOnlyMemory<byte> File, long FoldedLength);
