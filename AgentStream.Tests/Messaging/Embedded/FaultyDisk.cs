using AgentStream.Messaging.Embedded;

namespace AgentStream.Tests.Messaging.Embedded;

/// <summary>A disk that can be full, lose its power in the middle of a write, or be held still; and that counts.</summary>
internal sealed class FaultyDisk() : JournalDisk(flush: false), IDisposable
{
    private readonly ManualResetEventSlim _open = new(true);
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int? _tearAt;
    private int _appends;

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

    public void TearNextWrite(int bytes) => _tearAt = bytes;

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
        ThrowIfDead();
        Interlocked.Increment(ref _appends);
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
        ThrowIfDead();
        if (TruncateFails)
        {
            throw new IOException("Input/output error");
        }

        base.Truncate(path, length);
    }

    public override void Write(string path, ReadOnlyMemory<byte> bytes)
    {
        ThrowIfDead();
        if (IsFull)
        {
            throw new IOException("No space left on device");
        }

        base.Write(path, bytes);
    }

    public override void Delete(string path)
    {
        ThrowIfDead();
        base.Delete(path);
    }

    private void ThrowIfDead()
    {
        if (IsDead)
        {
            throw new IOException("The power is gone");
        }
    }
}
