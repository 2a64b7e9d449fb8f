namespace AgentStream.Worker.Agents.Files;

/// <summary>
/// Watches by the operating system's own means.
/// Of a directory that is not there yet it waits for the making, if there is one for it to be made in.
/// </summary>
internal sealed class FolderWatch : IFolderWatch
{
    public IDisposable? TryBegin(string directory, Action changed, Action lost)
    {
        if (Directory.Exists(directory))
        {
            return TryWatch(
                directory, "*", NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size | NotifyFilters.CreationTime,
                changed, lost);
        }

        if (Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(directory)) is not { } parent || !Directory.Exists(parent))
        {
            return null;
        }

        // Once the directory is there, this watch is the wrong one.
        var watch = TryWatch(
            parent, Path.GetFileName(Path.TrimEndingDirectorySeparator(directory)), NotifyFilters.DirectoryName, lost, lost);
        if (Directory.Exists(directory))
        {
            lost();
        }

        return watch;
    }

    private static FileSystemWatcher? TryWatch(string directory, string filter, NotifyFilters what, Action changed, Action lost)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(directory, filter) { NotifyFilter = what };
            watcher.Changed += (_, _) => changed();
            watcher.Created += (_, _) => changed();
            watcher.Deleted += (_, _) => changed();
            watcher.Renamed += (_, _) => changed();
            watcher.Error += (_, _) => lost();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception exception)
            when (exception is IOException or ArgumentException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            // Out of watches, or gone in this moment: whoever asked reads the directory now and then all the same.
            watcher?.Dispose();
            return null;
        }
    }
}
