using AgentStream.Messaging.Files;
using Microsoft.Extensions.Options;

namespace AgentStream.Messaging.Embedded.Storage;

/// <summary>The directory that holds everything, taken for this process alone while this lives.</summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly FileStream _lock;

    private DataDirectory(string root, FileStream heldLock)
    {
        Root = root;
        _lock = heldLock;
    }

    public string Root { get; }

    public string DatabasePath => Path.Combine(Root, "sessions.db");

    /// <exception cref="DataDirectoryInUseException">Another process has it.</exception>
    /// <exception cref="OptionsValidationException">It can't be made or written to.</exception>
    public static DataDirectory Take(string path)
    {
        var root = Path.GetFullPath(path);
        try
        {
            DurableDirectory.Create(root);
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

    public void Dispose() => _lock.Dispose();

    private static OptionsValidationException Unusable(string root) => new(
        nameof(EmbeddedOptions),
        typeof(EmbeddedOptions),
        [
            $"{EmbeddedOptions.DataDirectorySetting} is '{root}', which can't be made or written to; it takes a directory that this "
                + "process may write to.",
        ]);
}
