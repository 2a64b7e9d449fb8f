namespace AgentStream.Worker.Agents.Files;

/// <summary>Watches by the operating system's own means.</summary>
internal sealed class FolderWatch : IFolderWatch
{
    public IDisposable? TryBegin(string directory, Action changed, Action lost)
    {
        if (!Directory.Exists(directory))
        {
            return null;
        }

        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(directory)
            {
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size | NotifyFilters.CreationTime,
            };
            watcher.Changed += (_, _) => changed();
            watcher.Created += (_, _) => changed();
            watcher.Deleted += (_, _) => changed();
            watcher.Renamed += (_, _) => changed();
            watcher.Error += (_, _) => lost();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            // Out of watches, or gone in this moment: whoever asked reads the directory now and then all the same.
            watcher?.Dispose();
            return null;
        }
    }
}
