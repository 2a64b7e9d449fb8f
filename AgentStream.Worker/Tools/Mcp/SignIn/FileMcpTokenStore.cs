using AgentStream.Messaging.Embedded;
using Microsoft.Extensions.Options;

namespace AgentStream.Worker.Tools.Mcp.SignIn;

/// <summary>In files beside the embedded store, which the service and its command share.</summary>
internal sealed class FileMcpTokenStore(IOptions<EmbeddedOptions> options, TimeProvider time) : IMcpTokenStore
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private string Folder => Path.Combine(options.Value.DataDirectory, "mcp");

    public async Task<string?> ReadAsync(string server, CancellationToken cancellationToken)
        => File.Exists(PathOf(server)) ? await File.ReadAllTextAsync(PathOf(server), cancellationToken) : null;

    // The old file or the new one is there, whole, whoever looks.
    public async Task WriteAsync(string server, string text, CancellationToken cancellationToken)
    {
        MakeFolder();
        var next = PathOf(server) + ".new";
        await using (var file = Create(next, FileMode.Create))
        await using (var writer = new StreamWriter(file))
        {
            await writer.WriteAsync(text.AsMemory(), cancellationToken);
            await writer.FlushAsync(cancellationToken);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, PathOf(server), overwrite: true);
    }

    public Task<bool> RemoveAsync(string server, CancellationToken cancellationToken)
    {
        var isThere = File.Exists(PathOf(server));
        if (isThere)
        {
            File.Delete(PathOf(server));
        }

        return Task.FromResult(isThere);
    }

    public async Task<IAsyncDisposable> TakeTurnAsync(string server, CancellationToken cancellationToken)
    {
        MakeFolder();
        while (true)
        {
            try
            {
                return Create(PathOf(server) + ".lock", FileMode.OpenOrCreate);
            }
            catch (IOException)
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    private string PathOf(string server) => Path.Combine(Folder, server + ".tokens");

    // For nobody's eyes but the service's own.
    private void MakeFolder()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Folder);
        }
        else
        {
            Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static FileStream Create(string path, FileMode mode)
    {
        var file = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            file.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, file);
    }
}
