namespace AgentStream.Worker.Models.Scripted;

/// <summary>Files by which a test and a plan in another process tell each other how far they are.</summary>
internal static class SignalFile
{
    // Watchers miss events on some file systems (containers' volumes, for one).
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Makes the file. False: it was there.</summary>
    public static bool Create(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
    }

    /// <summary>Returns once the file exists.</summary>
    public static async Task WaitAsync(string path, CancellationToken cancellationToken)
    {
        using var appeared = new SemaphoreSlim(0);
        using var watcher = new FileSystemWatcher(Path.GetDirectoryName(path)!, Path.GetFileName(path));
        void Wake(object sender, FileSystemEventArgs change) => appeared.Release();
        watcher.Created += Wake;
        watcher.Renamed += Wake;
        watcher.EnableRaisingEvents = true;
        try
        {
            while (!File.Exists(path))
            {
                await appeared.WaitAsync(PollInterval, cancellationToken);
            }
        }
        finally
        {
            watcher.Created -= Wake;
            watcher.Renamed -= Wake;
        }
    }
}
