using AgentStream.Messaging.Files;
using Microsoft.Win32.SafeHandles;

namespace AgentStream.Messaging.Embedded.Journal;

/// <summary>The few things that the store does to the disk. Virtual, so that tests can make it fail.</summary>
/// <param name="flush">Whether to wait until the disk has it (fsync).</param>
internal class JournalDisk(bool flush)
{
    /// <summary>The ending of a file that is not finished; what has it at a start is left over and goes.</summary>
    public const string TemporaryExtension = ".tmp";

    public virtual byte[] Read(string path) => File.ReadAllBytes(path);

    /// <summary>
    /// Writes after the first <paramref name="length"/> bytes of a file, which it makes where that is 0; what followed them before is gone.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="length">How much of it is sound.</param>
    /// <param name="bytes">What to write.</param>
    /// <param name="nameIsNew">Whether its name has to be made durable, too.</param>
    public virtual void Append(string path, long length, ReadOnlyMemory<byte> bytes, bool nameIsNew)
    {
        using (var handle = File.OpenHandle(
            path, length == 0 ? FileMode.OpenOrCreate : FileMode.Open, FileAccess.ReadWrite, FileShare.Read))
        {
            if (RandomAccess.GetLength(handle) > length)
            {
                RandomAccess.SetLength(handle, length);
            }

            RandomAccess.Write(handle, bytes.Span, length);
            Flush(handle);
        }

        if (nameIsNew)
        {
            FlushName(path);
        }
    }

    /// <summary>Writes at places of a file, in this order, without waiting for the disk: only for what can be made again.</summary>
    public virtual void Patch(string path, IReadOnlyList<(long Position, ReadOnlyMemory<byte> Bytes)> patches)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        foreach (var (position, bytes) in patches)
        {
            RandomAccess.Write(handle, bytes.Span, position);
        }
    }

    /// <summary>Waits until the disk has all of a file.</summary>
    public virtual void Flush(string path)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        Flush(handle);
    }

    public virtual void Truncate(string path, long length)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        RandomAccess.SetLength(handle, length);
        Flush(handle);
    }

    /// <summary>Writes a file of its own, in the place of one that may be there.</summary>
    public virtual void Write(string path, ReadOnlyMemory<byte> bytes)
    {
        using var handle = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.None);
        RandomAccess.Write(handle, bytes.Span, 0);
        Flush(handle);
    }

    /// <summary>Puts one file in the place of another: afterwards it is either the one or the other, never a mixture.</summary>
    public virtual void Move(string from, string to) => File.Move(from, to, overwrite: true);

    /// <summary>Makes a copy that lasts.</summary>
    public virtual void Copy(string path, string copy)
    {
        File.Copy(path, copy);
        Flush(copy);
        FlushName(copy);
    }

    /// <summary>Removes a file; one that is not there is no error.</summary>
    public virtual void Delete(string path) => File.Delete(path);

    /// <summary>Makes it durable that a file has its name, or has it no more.</summary>
    public virtual void FlushName(string path)
    {
        if (flush)
        {
            DirectoryFlush.Flush(Path.GetDirectoryName(path)!);
        }
    }

    private void Flush(SafeFileHandle handle)
    {
        if (flush)
        {
            RandomAccess.FlushToDisk(handle);
        }
    }
}
