using AgentStream.Messaging.Embedded.Journal;

namespace AgentStream.Tests.Messaging.Embedded;

/// <summary>A disk that can be full, lose its power in the middle of a write, or be held still; and that counts.</summary>
internal sealed class FaultyDisk() : JournalDisk(flush: false), IDisposable
{
    private readonly ManualResetEventSlim _open = new(true);
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int? _tearAt;
    private int _appends;
    private int _reads;
    private long _bytesWritten;

    /// <summary>Writes fail, as when no space is left; half of each gets through first.</summary>
    public bool IsFull { get; set; }

    /// <summary>Cutting off fails, too.</summary>
    public bool TruncateFails { get; set; }

    /// <summary>The power is gone: nothing works any more.</summary>
    public bool IsDead { get; private set; }

    /// <summary>Whether all of the torn write got through.</summary>
    public bool TornWriteWasWhole { get; private set; }

    /// <summary>How many times journals were written to.</summary>
    public int Appends => _appends;

    /// <summary>How many journals were read.</summary>
    public int Reads => _reads;

    /// <summary>How many bytes journals took.</summary>
    public long BytesWritten => Interlocked.Read(ref _bytesWritten);

    public override byte[] Read(string path)
    {
        Interlocked.Increment(ref _reads);
        return base.Read(path);
    }

    public void TearNextWrite(int bytes) => _tearAt = bytes;

    /// <summary>
    /// How many more times something is changed on this disk before its power goes; <c>null</c>: it stays.
    /// What goes in several pieces counts each.
    /// </summary>
    public int? ChangesLeft { get; set; }

    /// <summary>The power goes: what comes now changes nothing.</summary>
    public void Kill() => IsDead = true;

    /// <summary>Completes once a write waits.</summary>
    public Task Held => _held.Task;

    /// <summary>Writes wait until <see cref="LetGo"/>.</summary>
    public void Hold() => _open.Reset();

    public void LetGo() => _open.Set();

    public void Dispose() => _open.Dispose();

    public override void Append(string path, long length, ReadOnlyMemory<byte> bytes, bool nameIsNew)
    {
        if (!_open.IsSet)
        {
            _held.TrySetResult();
        }

        _open.Wait();
        Change();
        Interlocked.Increment(ref _appends);
        Interlocked.Add(ref _bytesWritten, bytes.Length);
        if (_tearAt is { } tearAt)
        {
            IsDead = true;
            TornWriteWasWhole = tearAt >= bytes.Length;
            base.Append(path, length, bytes[..Math.Min(tearAt, bytes.Length)], nameIsNew);
            ThrowIfDead();
        }

        if (IsFull)
        {
            base.Append(path, length, bytes[..(bytes.Length / 2)], nameIsNew);
            throw new IOException("No space left on device");
        }

        base.Append(path, length, bytes, nameIsNew);
    }

    public override void Truncate(string path, long length)
    {
        Change();
        if (TruncateFails)
        {
            throw new IOException("Input/output error");
        }

        base.Truncate(path, length);
    }

    public override void Patch(string path, IReadOnlyList<(long Position, ReadOnlyMemory<byte> Bytes)> patches)
    {
        foreach (var patch in patches)
        {
            if (ChangesLeft == 0 && !IsDead)
            {
                base.Patch(path, [(patch.Position, patch.Bytes[..(patch.Bytes.Length / 2)])]);
            }

            Change();
            if (IsFull)
            {
                throw new IOException("No space left on device");
            }

            base.Patch(path, [patch]);
        }
    }

    public override void Move(string from, string to)
    {
        Change();
        base.Move(from, to);
    }

    public override void Write(string path, ReadOnlyMemory<byte> bytes)
    {
        Change();
        if (IsFull)
        {
            throw new IOException("No space left on device");
        }

        Interlocked.Add(ref _bytesWritten, bytes.Length);
        base.Write(path, bytes);
    }

    public override void Delete(string path)
    {
        Change();
        base.Delete(path);
    }

    private void Change()
    {
        ThrowIfDead();
        if (ChangesLeft is { } left)
        {
            IsDead = left == 0;
            ChangesLeft = left - 1;
            ThrowIfDead();
        }
    }

    private void ThrowIfDead()
    {
        if (IsDead)
        {
            throw new IOException("The power is gone");
        }
    }
}
