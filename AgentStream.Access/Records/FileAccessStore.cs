using System.Collections.Concurrent;
using System.Globalization;
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

    private readonly ConcurrentDictionary<string, DateTimeOffset> _taken = new(StringComparer.Ordinal);

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
