using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using AgentStream.Messaging.Embedded.Journal;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace AgentStream.Messaging.Embedded.Index;

/// <summary>The lines of the sessions that are not in memory, in one file: what the list is made of without reading a journal.</summary>
/// <remarks>
/// <para>A row is appended when its session leaves memory; the row before it, if there is one, is marked as dead first.
/// So a session has one live row at most, and the journals stay the only truth:
/// what a crash takes from this file, the next start makes again of the journals whose size or time it does not know.
/// It is therefore never waited for (no fsync), except when it is written anew.</para>
/// <para>Nothing of it is kept in memory. It is read from its end, so that what changed lately is found soon.</para>
/// </remarks>
internal sealed partial class SessionIndexFile(string path, JournalDisk disk, TimeProvider timeProvider, ILogger<SessionIndexFile> logger)
    : IDisposable
{
    private const int ChunkLength = 1 << 18;

    /// <summary>So many dead bytes are not worth writing the file anew.</summary>
    private const long AlwaysBearable = 1 << 20;

    private static readonly byte[] Dead = [0];
    private readonly ReaderWriterLockSlim _gate = new();
    private SafeFileHandle? _reading;
    private long _length;
    private long _deadBytes;
    private long _lastWrittenAt;
    private long _firstEnd = long.MaxValue;

    /// <summary>Looks at a row.</summary>
    /// <returns>Whether to go on.</returns>
    public delegate bool RowVisitor(long position, IndexRow row);

    /// <summary>Whether the journal of a row is as the row says.</summary>
    public delegate bool RowCheck(IndexRow row);

    private static ReadOnlySpan<byte> FileHeader => "AGSTRIDX\u0001\0\0\0"u8;

    /// <summary>The length of the file.</summary>
    public long Length => Interlocked.Read(ref _length);

    /// <summary>The least <see cref="IndexRow.FirstEnd"/> that may be in it: nothing is to be cut that ended later.</summary>
    public DateTimeOffset? FirstEnd
        => Interlocked.Read(ref _firstEnd) is var end && end == long.MaxValue ? null : new DateTimeOffset(end, TimeSpan.Zero);

    /// <summary>Opens the file: cuts off what is torn, and marks as dead whatever its journal does not confirm.</summary>
    public void Open(RowCheck confirms)
    {
        var dead = new List<long>();
        var good = (long)FileHeader.Length;
        var found = File.Exists(path);
        if (found)
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            good = ReadForward(file, confirms, dead);
            if (good < RandomAccess.GetLength(file))
            {
                LogTorn(path, RandomAccess.GetLength(file) - good);
            }
        }

        if (good == 0 || !found)
        {
            good = FileHeader.Length;
            dead.Clear();
            (_deadBytes, _firstEnd) = (0, long.MaxValue);
            disk.Write(path, FileHeader.ToArray());
            disk.FlushName(path);
        }
        else if (new FileInfo(path).Length > good)
        {
            disk.Truncate(path, good);
        }

        _length = good;
        if (dead.Count > 0)
        {
            disk.Patch(path, [.. dead.Select(at => (at + IndexRow.LiveAt, (ReadOnlyMemory<byte>)Dead))]);
        }

        _reading = OpenForReading();
    }

    /// <summary>Puts rows in the places of those that their sessions had.</summary>
    public void Put(IReadOnlyList<IndexEntry> entries)
    {
        _gate.EnterWriteLock();
        try
        {
            if (_reading is null)
            {
                throw new IOException($"{path} is closed.");
            }

            Kill(entries.Where(entry => entry.MayReplace).Select(entry => entry.Row.Head.SessionId));
            var output = new ArrayBufferWriter<byte>(entries.Count * 256);
            var written = Math.Max(_lastWrittenAt, timeProvider.GetUtcNow().UtcTicks);
            var firstEnd = _firstEnd;
            foreach (var entry in entries)
            {
                written = Math.Max(written, entry.Row.UpdatedAt.UtcTicks);
                firstEnd = Math.Min(firstEnd, entry.FirstEnd?.UtcTicks ?? long.MaxValue);
                IndexRow.Write(output, entry.Row, entry.FirstEnd, entry.Journal, written);
            }

            disk.Patch(path, [(_length, output.WrittenMemory)]);
            (_lastWrittenAt, _firstEnd) = (written, firstEnd);
            _length += output.WrittenCount;
            if (_deadBytes > Math.Max(AlwaysBearable, _length / 2))
            {
                Rewrite();
            }
        }
        finally
        {
            _gate.ExitWriteLock();
        }
    }

    /// <summary>Takes a session out.</summary>
    public void Remove(SessionId sessionId)
    {
        _gate.EnterWriteLock();
        try
        {
            Kill([sessionId]);
        }
        finally
        {
            _gate.ExitWriteLock();
        }
    }

    /// <summary>Shows all live rows, the last written first.</summary>
    public void Read(RowVisitor visit)
    {
        _gate.EnterReadLock();
        try
        {
            ReadBackward(visit);
        }
        finally
        {
            _gate.ExitReadLock();
        }
    }

    /// <summary>
    /// The sessions with a run that ended before a time and is still in the log; at most so many.
    /// Each is told once: whoever asks puts a new row.
    /// </summary>
    /// <param name="before">The time.</param>
    /// <param name="limit">How many.</param>
    /// <param name="isInMemory">Sessions that are seen to without this, whatever their rows still say.</param>
    public List<SessionId> TakeEnded(DateTimeOffset before, int limit, Predicate<SessionId> isInMemory)
    {
        var taken = new List<SessionId>();
        _gate.EnterWriteLock();
        try
        {
            if (_firstEnd > before.UtcTicks)
            {
                return taken;
            }

            var next = long.MaxValue;
            ReadBackward((_, row) =>
            {
                if (row.FirstEnd > before.UtcTicks)
                {
                    next = Math.Min(next, row.FirstEnd);
                }
                else if (row.FirstEnd > 0 && IdOf(row) is var sessionId && !isInMemory(sessionId))
                {
                    if (taken.Count < limit)
                    {
                        taken.Add(sessionId);
                    }
                    else
                    {
                        next = Math.Min(next, row.FirstEnd);
                    }
                }

                return true;
            });
            _firstEnd = next;
            return taken;
        }
        finally
        {
            _gate.ExitWriteLock();
        }
    }

    public void Dispose()
    {
        // The gate itself stays, for those who come too late.
        _gate.EnterWriteLock();
        _reading?.Dispose();
        _reading = null;
        _gate.ExitWriteLock();
    }

    private static SessionId IdOf(IndexRow row) => SessionId.Parse(Encoding.UTF8.GetString(row.SessionId));

    private SafeFileHandle OpenForReading()
        => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    private void Kill(IEnumerable<SessionId> sessions)
    {
        var wanted = sessions.Select(session => session.Value).ToHashSet();
        if (wanted.Count == 0)
        {
            return;
        }

        var byText = wanted.GetAlternateLookup<ReadOnlySpan<char>>();
        var patches = new List<(long, ReadOnlyMemory<byte>)>();
        var bytes = 0L;
        ReadBackward((position, row) =>
        {
            // Ids are ASCII, 128 characters at most.
            Span<char> id = stackalloc char[row.SessionId.Length];
            Encoding.ASCII.GetChars(row.SessionId, id);
            if (byText.Remove(id))
            {
                patches.Add((position + IndexRow.LiveAt, Dead));
                bytes += row.Length;
            }

            return wanted.Count > 0;
        });
        if (patches.Count > 0)
        {
            disk.Patch(path, patches);
            _deadBytes += bytes;
        }
    }

    /// <summary>Reads all from the beginning, and says how much of it is sound.</summary>
    private long ReadForward(SafeFileHandle file, RowCheck confirms, List<long> dead)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkLength);
        try
        {
            var position = 0L;
            var held = 0;
            while (true)
            {
                if (held == buffer.Length)
                {
                    Grow(ref buffer, held);
                }

                var read = RandomAccess.Read(file, buffer.AsSpan(held), position + held);
                held += read;
                var used = 0;
                if (position == 0)
                {
                    if (held < FileHeader.Length || !buffer.AsSpan().StartsWith(FileHeader))
                    {
                        return 0;
                    }

                    used = FileHeader.Length;
                }

                while (IndexRow.TryRead(buffer.AsSpan(used, held - used), out var row) is > 0 and var length)
                {
                    Count(position + used, buffer[used + IndexRow.LiveAt], row, length, confirms, dead);
                    used += length;
                }

                position += used;
                buffer.AsSpan(used, held - used).CopyTo(buffer);
                held -= used;
                if (read == 0)
                {
                    return position;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Count(long position, byte live, IndexRow row, int length, RowCheck confirms, List<long> dead)
    {
        _lastWrittenAt = Math.Max(_lastWrittenAt, row.WrittenAt);
        if (live == 1 && confirms(row))
        {
            _firstEnd = Math.Min(_firstEnd, row.FirstEnd > 0 ? row.FirstEnd : long.MaxValue);
            return;
        }

        _deadBytes += length;
        if (live != 0)
        {
            dead.Add(position);
        }
    }

    /// <summary>Shows the live rows from the end. The gate is held, for reading at least.</summary>
    private void ReadBackward(RowVisitor visit)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkLength);
        try
        {
            if (_reading is null)
            {
                throw new IOException($"{path} is closed.");
            }

            // The rows before `end` are still to be shown; the buffer holds the bytes from `start` to `end`.
            var end = _length;
            var start = end;
            while (end > FileHeader.Length)
            {
                var held = (int)(end - start);
                var needed = held < IndexRow.FootLength
                    ? IndexRow.FootLength
                    : IndexRow.HeadLength + IndexRow.FootLength + Foot(buffer, held);
                if (needed > held)
                {
                    if (needed > end - FileHeader.Length)
                    {
                        throw new IOException($"{path} is damaged at {end}.");
                    }

                    start = Fill(ref buffer, start, held, needed);
                    continue;
                }

                if (IndexRow.TryRead(buffer.AsSpan(held - (int)needed, (int)needed), out var row) != needed)
                {
                    throw new IOException($"{path} is damaged at {end}.");
                }

                end -= needed;
                if (buffer[held - needed + IndexRow.LiveAt] == 1 && !visit(end, row))
                {
                    return;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static long Foot(byte[] buffer, int held) => BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(held - IndexRow.FootLength));

    /// <summary>Puts what stands before the held bytes in front of them.</summary>
    private long Fill(ref byte[] buffer, long start, int held, long needed)
    {
        while (buffer.Length < needed)
        {
            Grow(ref buffer, held);
        }

        var more = (int)Math.Min(buffer.Length - held, start - FileHeader.Length);
        buffer.AsSpan(0, held).CopyTo(buffer.AsSpan(more));
        var from = start - more;
        for (var read = 0; read < more;)
        {
            var got = RandomAccess.Read(_reading!, buffer.AsSpan(read, more - read), from + read);
            read += got > 0 ? got : throw new IOException($"{path} ends too early.");
        }

        return from;
    }

    private static void Grow(ref byte[] buffer, int held)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, held).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }

    /// <summary>Leaves the dead rows out, in the same order. The gate is held for writing.</summary>
    private void Rewrite()
    {
        var temporary = path + JournalDisk.TemporaryExtension;
        try
        {
            var before = _length;
            var good = CopyLive(temporary);
            _reading!.Dispose();
            try
            {
                disk.Move(temporary, path);
                (_length, _deadBytes) = (good, 0);
            }
            finally
            {
                _reading = OpenForReading();
            }

            disk.FlushName(path);
            LogRewritten(before, good);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The file as it is says the same; the next rows that are put try again.
            LogNotRewritten(exception);
        }
    }

    private long CopyLive(string temporary)
    {
        disk.Write(temporary, FileHeader.ToArray());
        var good = (long)FileHeader.Length;
        var output = new ArrayBufferWriter<byte>(ChunkLength);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkLength);
        try
        {
            var held = 0;
            for (var position = (long)FileHeader.Length; position < _length;)
            {
                if (held == buffer.Length)
                {
                    Grow(ref buffer, held);
                }

                var read = RandomAccess.Read(
                    _reading!, buffer.AsSpan(held, (int)Math.Min(buffer.Length - held, _length - position - held)), position + held);
                held += read;
                var used = 0;
                while (IndexRow.TryRead(buffer.AsSpan(used, held - used), out _) is > 0 and var length)
                {
                    if (buffer[used + IndexRow.LiveAt] == 1)
                    {
                        output.Write(buffer.AsSpan(used, length));
                    }

                    used += length;
                }

                if (read == 0 && used == 0)
                {
                    throw new IOException($"{path} is damaged at {position}.");
                }

                position += used;
                buffer.AsSpan(used, held - used).CopyTo(buffer);
                held -= used;
                disk.Patch(temporary, [(good, output.WrittenMemory)]);
                good += output.WrittenCount;
                output.ResetWrittenCount();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        // Waits for the disk, so that after a power cut the name does not stand for an empty file.
        disk.Flush(temporary);
        return good;
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Path} is not whole, as after a power cut: its last {Bytes} bytes are made again from the journals.")]
    private partial void LogTorn(string path, long bytes);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The list of sessions was written anew: {Before} bytes became {After}.")]
    private partial void LogRewritten(long before, long after);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The list of sessions could not be written anew; it is tried again later.")]
    private partial void LogNotRewritten(Exception exception);
}
