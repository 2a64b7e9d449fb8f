using AgentStream.Messaging.Embedded.Storage;
using AgentStream.Messaging.Encryption;
using AgentStream.Tests.Support;
using Microsoft.Data.Sqlite;

namespace AgentStream.Tests.Messaging.Embedded;

/// <summary>A disk that can be full, lose its power in the middle of a write, or be held still; and that counts.</summary>
internal sealed class FaultyDisk(ContentCipher? cipher = null) : IDisposable
{
    /// <summary>So many bytes of a <see cref="TearNextWrite"/> are all of it.</summary>
    private const int WholeAt = 600;

    private readonly ManualResetEventSlim _open = new(true);
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TemporaryDirectory _atDeath = new();
    private int? _tearAt;
    private int _writes;
    private string? _path;

    /// <summary>Writes fail, as when no space is left.</summary>
    public bool IsFull { get; set; }

    /// <summary>The next write is made, and said to have failed.</summary>
    public bool DeniesNextWrite { get; set; }

    /// <summary>The power is gone: nothing is written any more.</summary>
    public bool IsDead { get; private set; }

    /// <summary>Whether all of the torn write got through.</summary>
    public bool TornWriteWasWhole { get; private set; }

    /// <summary>The number of transactions.</summary>
    public int Writes => _writes;

    /// <summary>How many more times something is changed on this disk before its power goes; <c>null</c>: it stays.</summary>
    public int? ChangesLeft { get; set; }

    /// <summary>Completes once a write waits.</summary>
    public Task Held => _held.Task;

    /// <summary>What was opened last.</summary>
    public SessionDatabase? Database { get; private set; }

    public SessionDatabase Open(string path)
    {
        _path = path;
        return Database = new FaultyDatabase(path, cipher, this);
    }

    public void TearNextWrite(int bytes) => _tearAt = bytes;

    /// <summary>The power goes: what comes now changes nothing, not even the closing of the database.</summary>
    public void Kill() => Die(null);

    /// <summary>Writes wait until <see cref="LetGo"/>.</summary>
    public void Hold() => _open.Reset();

    public void LetGo() => _open.Set();

    /// <summary>After the database was closed: the files are as they were when the power went.</summary>
    public void BringBack()
    {
        if (IsDead)
        {
            foreach (var file in new[] { _path!, _path + "-wal", _path + "-shm" })
            {
                File.Delete(file);
            }

            foreach (var kept in Directory.GetFiles(_atDeath.Path))
            {
                File.Copy(kept, Path.Combine(Path.GetDirectoryName(_path)!, Path.GetFileName(kept)));
            }
        }
    }

    public void Dispose()
    {
        _atDeath.Dispose();
        _open.Dispose();
    }

    /// <param name="log">What is in the log; <c>null</c>: what is there.</param>
    private void Die(byte[]? log)
    {
        if (IsDead)
        {
            return;
        }

        IsDead = true;
        foreach (var file in new[] { _path!, _path + "-wal" }.Where(File.Exists))
        {
            File.Copy(file, Path.Combine(_atDeath.Path, Path.GetFileName(file)));
        }

        if (log is not null)
        {
            File.WriteAllBytes(Path.Combine(_atDeath.Path, Path.GetFileName(_path) + "-wal"), log);
        }
    }

    private void BeforeWrite()
    {
        if (!_open.IsSet)
        {
            _held.TrySetResult();
        }

        _open.Wait();
        Interlocked.Increment(ref _writes);
        if (ChangesLeft is { } left)
        {
            if (left == 0)
            {
                Die(null);
            }

            ChangesLeft = left - 1;
        }

        if (IsDead || IsFull)
        {
            throw new SqliteException(IsDead ? "The power is gone" : "database or disk is full", 13);
        }
    }

    private byte[] Log() => File.Exists(_path + "-wal") ? File.ReadAllBytes(_path + "-wal") : [];

    // The log may have grown, or have been written over what an earlier write left: what counts is which of its bytes are new.
    private static byte[] Torn(byte[] before, byte[] after, double share)
    {
        var from = before.AsSpan().CommonPrefixLength(after);
        var to = after.Length;
        while (to > from && to <= before.Length && before[to - 1] == after[to - 1])
        {
            to--;
        }

        var cut = from + (int)((to - from) * share);
        return [.. after.AsSpan(0, cut), .. before.AsSpan(Math.Min(cut, before.Length))];
    }

    // Nothing waits for the real disk: what a power cut leaves is made by hand.
    private sealed class FaultyDatabase(string path, ContentCipher? cipher, FaultyDisk disk) : SessionDatabase(path, "OFF", cipher)
    {
        protected override void Write(Action change)
        {
            disk.BeforeWrite();
            var before = disk._tearAt is null ? [] : disk.Log();
            base.Write(change);
            if (disk.DeniesNextWrite)
            {
                disk.DeniesNextWrite = false;
                throw new SqliteException("disk I/O error", 10);
            }

            if (disk._tearAt is { } tearAt)
            {
                disk.TornWriteWasWhole = tearAt >= WholeAt;
                disk.Die(disk.TornWriteWasWhole ? null : Torn(before, disk.Log(), (double)tearAt / WholeAt));
                throw new SqliteException("The power is gone", 10);
            }
        }
    }
}
