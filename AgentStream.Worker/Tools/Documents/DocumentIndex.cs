using System.Text;

namespace AgentStream.Worker.Tools.Documents;

/// <summary>
/// The index of a folder.
/// It looks at the folder before each search: what has changed since the last time is read anew, what is gone is forgotten,
/// everything else stays as it is.
/// No watcher: those lose events on network drives and in containers, and a look at a few thousand names takes milliseconds.
/// </summary>
internal sealed partial class DocumentIndex(string folder, DocumentsOptions options, ILogger<DocumentIndex> logger) : IDisposable
{
    private static readonly string[] Extensions = [".md", ".markdown", ".txt"];

    private static readonly EnumerationOptions Everywhere = new()
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = true,
        // Links could lead out of the folder.
        AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint,
        MaxRecursionDepth = 32,
    };

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly Dictionary<string, IndexedDocument> _documents = new(StringComparer.Ordinal);
    private readonly HashSet<string> _leftOut = new(StringComparer.Ordinal);

    /// <exception cref="ToolException">The folder can't be read.</exception>
    public async Task<IReadOnlyList<Hit>> SearchAsync(string query, int count, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            await RefreshAsync(cancellationToken);
            return Ranking.Best(_documents.Values, query, count);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var root = new DirectoryInfo(folder);
        if (!root.Exists)
        {
            throw new ToolException(
                "The folder of the documents is not there. The person who runs this service must correct AgentStream:Documents:Folder.");
        }

        var files = root.EnumerateFiles("*", Everywhere)
            .Where(file => Extensions.Contains(file.Extension, StringComparer.OrdinalIgnoreCase))
            .Select(file => (File: file, Path: Path.GetRelativePath(folder, file.FullName).Replace(Path.DirectorySeparatorChar, '/')))
            .Where(one => !one.Path.Split('/').Any(part => part.StartsWith('.')))
            .OrderBy(one => one.Path, StringComparer.Ordinal)
            .ToList();
        var present = files.Select(one => one.Path).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _documents.Keys.Where(path => !present.Contains(path)).ToList())
        {
            _documents.Remove(gone);
        }

        long total = 0;
        var taken = 0;
        foreach (var (file, path) in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (await TakeAsync(file, path, taken, total, cancellationToken) is { } length)
            {
                total += length;
                taken++;
            }
        }
    }

    /// <returns>The length of the file, if it is in the index.</returns>
    private async Task<long?> TakeAsync(FileInfo file, string path, int taken, long total, CancellationToken cancellationToken)
    {
        try
        {
            var length = file.Length;
            if (taken >= options.MaxFiles || length > options.MaxFileBytes || total + length > options.MaxTotalBytes)
            {
                _documents.Remove(path);
                if (_leftOut.Add(path))
                {
                    LogLeftOut(path, length);
                }

                return null;
            }

            if (!_documents.TryGetValue(path, out var known) || known.Length != length || known.Changed != file.LastWriteTimeUtc)
            {
                // It may have grown since it was looked at.
                var text = await ReadAsync(file.FullName, cancellationToken);
                _documents[path] = new IndexedDocument(path, length, file.LastWriteTimeUtc, text);
                _leftOut.Remove(path);
            }

            return length;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _documents.Remove(path);
            LogUnreadable(exception, path);
            return null;
        }
    }

    private async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[Math.Min(stream.Length, options.MaxFileBytes)];
        var read = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        using var reader = new StreamReader(new MemoryStream(bytes, 0, read), Encoding.UTF8);
        return await reader.ReadToEndAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "Document {Path} ({Bytes} bytes) is left out: a limit of AgentStream:Documents is reached")]
    private partial void LogLeftOut(string path, long bytes);

    [LoggerMessage(LogLevel.Warning, "Document {Path} can't be read")]
    private partial void LogUnreadable(Exception exception, string path);
}
