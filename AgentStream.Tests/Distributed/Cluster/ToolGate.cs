using AgentStream.Tests.Support;

namespace AgentStream.Tests.Distributed.Cluster;

/// <summary>A pipe in place of a session's notebook: whoever opens it waits for the other side.</summary>
internal sealed class ToolGate(string path)
{
    private FileStream? _pipe;

    /// <summary>Waits until a tool stands at the gate, and takes the pipe away, so that what comes next finds no notebook.</summary>
    public async Task WaitForToolAsync()
    {
        _pipe = await Task.Run(() => new FileStream(path, FileMode.Open, FileAccess.Write)).WaitAsync(TestTimeouts.Default);
        File.Delete(path);
    }

    /// <summary>The tool reads that there are no notes yet, and writes its own. Returns when the note is there.</summary>
    public async Task OpenAsync()
    {
        using var watcher = new FileSystemWatcher(Path.GetDirectoryName(path)!);
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(object sender, FileSystemEventArgs args)
        {
            if (args.FullPath == path && new FileInfo(path).Length > 0)
            {
                written.TrySetResult();
            }
        }

        watcher.Created += Look;
        watcher.Changed += Look;
        watcher.Renamed += Look;
        watcher.EnableRaisingEvents = true;
        await _pipe!.DisposeAsync();
        await written.Task.WaitAsync(TestTimeouts.Default);
    }

    /// <summary>Lets go without letting the tool through: whoever stood there is dead.</summary>
    public ValueTask CloseAsync() => _pipe!.DisposeAsync();
}
