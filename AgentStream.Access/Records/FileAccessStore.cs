using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentStream.Messaging.Embedded;
using Microsoft.Extensions.Options;

namespace AgentStream.Access.Records;

/// <summary>In a file beside the embedded store, which the service and its command share.</summary>
internal sealed class FileAccessStore(IOptions<EmbeddedOptions> options, TimeProvider time) : IAccessStore
{
    private const string Name = "access.json";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>No file is written for longer.</summary>
    private static readonly TimeSpan BeingWritten = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _taken = new(StringComparer.Ordinal);

    private string KeptDirectory => Path.Combine(options.Value.DataDirectory, "sign-ins");

    private string FilePath => Path.Combine(options.Value.DataDirectory, Name);

    public Task<string> VersionAsync(CancellationToken cancellationToken)
    {
        var file = new FileInfo(FilePath);
        return Task.FromResult(
            file.Exists ? string.Create(CultureInfo.InvariantCulture, $"{file.LastWriteTimeUtc.Ticks}-{file.Length}") : "");
    }

    public async Task<AccessContent> LoadAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(FilePath))
        {
            return AccessContent.Empty;
        }

        await using var file = File.OpenRead(FilePath);
        return await JsonSerializer.DeserializeAsync(file, AccessJson.Default.AccessContent, cancellationToken) ?? AccessContent.Empty;
    }

    public Task AddAsync(ApiKey key, CancellationToken cancellationToken)
        => ChangeAsync(content => content with { Keys = [.. content.Keys, key] }, cancellationToken);

    public Task RemoveAsync(ApiKey key, CancellationToken cancellationToken)
        => ChangeAsync(content => content with { Keys = [.. content.Keys.Where(other => other.Id != key.Id)] }, cancellationToken);

    public Task AddAsync(ShareLink link, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return ChangeAsync(
            content => content with { Links = [.. (content.Links ?? []).Where(other => !other.IsOver(now)), link] }, cancellationToken);
    }

    public Task RemoveAsync(ShareLink link, CancellationToken cancellationToken)
        => ChangeAsync(
            content => content with { Links = [.. (content.Links ?? []).Where(other => other.Id != link.Id)] }, cancellationToken);

    public Task AddAsync(EndedCredentials ended, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return ChangeAsync(
            content => content with
            {
                Ended = [.. content.Ended.Where(other => other.Until > now && other.Subject != ended.Subject), ended],
            },
            cancellationToken);
    }

    public Task<bool> TryTakeAsync(string nonce, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var (other, until) in _taken)
        {
            if (until <= now)
            {
                _taken.TryRemove(other, out _);
            }
        }

        return Task.FromResult(_taken.TryAdd(nonce, now + lifetime));
    }

    public Task GiveBackAsync(string nonce, CancellationToken cancellationToken)
    {
        _taken.TryRemove(nonce, out _);
        return Task.CompletedTask;
    }

    public async Task KeepAsync(string name, string text, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var directory = Own(KeptDirectory);
        foreach (var file in directory.EnumerateFiles())
        {
            if (file.LastWriteTimeUtc <= now - BeingWritten)
            {
                file.Delete();
            }
        }

        // The time at which it is over is the file's own, so that nothing has to be read to find those that are.
        var next = PathOf(name) + "." + RandomText.New(6);
        await using (var file = Create(next, FileMode.Create))
        {
            await file.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        }

        File.SetLastWriteTimeUtc(next, (now + lifetime).UtcDateTime);
        File.Move(next, PathOf(name), overwrite: true);
    }

    public async Task<string?> FindKeptAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return File.GetLastWriteTimeUtc(PathOf(name)) > time.GetUtcNow()
                ? await File.ReadAllTextAsync(PathOf(name), cancellationToken)
                : null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public Task ForgetAsync(string name, CancellationToken cancellationToken)
    {
        if (Directory.Exists(KeptDirectory))
        {
            File.Delete(PathOf(name));
        }

        return Task.CompletedTask;
    }

    private string PathOf(string name) => Path.Combine(KeptDirectory, SecretHash.Of(name));

    private static DirectoryInfo Own(string directory)
        => OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(directory)
            : Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    // The old file or the new one is there, whole, whoever looks; and one change at a time, whichever process makes it.
    private async Task ChangeAsync(Func<AccessContent, AccessContent> change, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(options.Value.DataDirectory);
        await using var turn = await TakeTurnAsync(cancellationToken);
        var content = change(await LoadAsync(cancellationToken));
        var next = FilePath + ".new";
        await using (var file = Create(next, FileMode.Create))
        {
            await JsonSerializer.SerializeAsync(file, content, AccessJson.Default.AccessContent, cancellationToken);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, FilePath, overwrite: true);
    }

    private async Task<FileStream> TakeTurnAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                return Create(FilePath + ".lock", FileMode.OpenOrCreate);
            }
            catch (IOException) when (time.GetElapsedTime(began) < Patience)
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    // For nobody's eyes but the service's own.
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
