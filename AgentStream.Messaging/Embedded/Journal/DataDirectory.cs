using System.Security.Cryptography;
using System.Text;
using AgentStream.Messaging.Files;
using Microsoft.Extensions.Options;

namespace AgentStream.Messaging.Embedded.Journal;

/// <summary>The directory that holds everything, taken for this process alone while this lives.</summary>
internal sealed class DataDirectory : IDisposable
{
    private const string JournalExtension = ".journal";
    private readonly FileStream _lock;

    private DataDirectory(string root, FileStream heldLock)
    {
        Root = root;
        Sessions = Path.Combine(root, "sessions");
        _lock = heldLock;
    }

    public string Root { get; }

    public string Sessions { get; }

    /// <summary>The list of the sessions that are not in memory.</summary>
    public string IndexPath => Path.Combine(Root, "sessions.index");

    public string ProbePath => Path.Combine(Root, "probe" + JournalDisk.TemporaryExtension);

    /// <exception cref="DataDirectoryInUseException">Another process has it.</exception>
    /// <exception cref="OptionsValidationException">It can't be made or written to.</exception>
    public static DataDirectory Take(string path)
    {
        var root = Path.GetFullPath(path);
        try
        {
            DurableDirectory.Create(Path.Combine(root, "sessions"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(root);
        }

        var lockPath = Path.Combine(root, "agentstream.lock");
        try
        {
            // Shared with nobody: between processes .NET holds an advisory lock (flock) on Unix,
            // which ends with the process however it ends.
            return new DataDirectory(root, new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException)
        {
            throw Unusable(root);
        }
        catch (IOException exception)
        {
            throw new DataDirectoryInUseException(
                $"The data directory '{root}' is in use by another process; stop that one, or set {EmbeddedOptions.DataDirectorySetting} "
                    + "to another directory.", exception);
        }
    }

    /// <summary>The journal of a session.</summary>
    /// <remarks>
    /// Ids that differ in case only must not meet in one file where the file system ignores case;
    /// the prefix keeps off the names that Windows reserves.
    /// </remarks>
    public string JournalOf(SessionId sessionId)
    {
        var id = sessionId.Value;
        var lower = id.ToLowerInvariant();
        var name = lower == id ? id : $"{lower}~{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, 6))}";
        return Path.Combine(Sessions, "s-" + name + JournalExtension);
    }

    public IEnumerable<string> Journals() => Directory.EnumerateFiles(Sessions, "*" + JournalExtension);

    public IEnumerable<string> LeftOvers()
        => Directory.EnumerateFiles(Sessions, "*" + JournalDisk.TemporaryExtension)
            .Concat(Directory.EnumerateFiles(Root, "*" + JournalDisk.TemporaryExtension));

    public void Dispose() => _lock.Dispose();

    private static OptionsValidationException Unusable(string root) => new(
        nameof(EmbeddedOptions),
        typeof(EmbeddedOptions),
        [
            $"{EmbeddedOptions.DataDirectorySetting} is '{root}', which can't be made or written to; it takes a directory that this "
                + "process may write to.",
        ]);
}
