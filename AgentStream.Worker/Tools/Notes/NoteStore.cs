using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Encryption;
using AgentStream.Messaging.Files;

namespace AgentStream.Worker.Tools.Notes;

/// <summary>
/// The notes of each session, in one file a session and owner (<c>session-{id}.jsonl</c> of everybody's,
/// <c>session-{id}.{hash of the owner}.jsonl</c> of anybody else's), one line a note, flushed to disk before the call returns.
/// A session's file goes when the session is erased (<see cref="NoteErasure"/>), and stays when it expires;
/// whoever opens another session under the same id gets to see it only if it is their own.
/// Each call of <see cref="AppendAsync"/> writes exactly one line, and nothing recognises a repetition:
/// whoever counts the lines counts the executions.
/// The directory belongs to this worker: with several workers a session's notes are where its runs were executed,
/// unless the directory is on a volume that they share.
/// (Runs of one session execute one at a time, so the workers don't write one file at once.)
/// </summary>
/// <param name="directory">Made when the first note is written.</param>
/// <param name="time">Dates the notes.</param>
/// <param name="cipher">Encrypts titles and texts; <c>null</c>: nobody does.</param>
internal sealed class NoteStore(string directory, TimeProvider time, ContentCipher? cipher = null) : IDisposable
{
    public const int MaxTextLength = 4000;
    public const int MaxTitleLength = 200;
    public const int MaxNotes = 1000;

    private const int HashLength = 32;
    private const string Before = "session-";
    private const string Extension = ".jsonl";

    private static readonly SearchValues<char> IdCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly ContentCipher _cipher = cipher ?? ContentCipher.None;

    /// <summary>The file of a session. The prefix keeps names apart that an operating system reserves.</summary>
    /// <exception cref="ArgumentException">The id has characters that no session id has.</exception>
    public string PathOf(string sessionId, string owner)
    {
        if (sessionId.Length is 0 or > 128 || sessionId.AsSpan().ContainsAnyExcept(IdCharacters))
        {
            throw new ArgumentException("A session id is 1 to 128 of A-Z a-z 0-9 _ -.", nameof(sessionId));
        }

        // An owner's name may have characters that a file's may not.
        var suffix = owner == PrincipalId.Anonymous.Value
            ? ""
            : "." + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(owner)))[..HashLength];
        return Path.Combine(directory, Before + sessionId + suffix + Extension);
    }

    /// <summary>Writes one note. Once it has begun it is not cancelled: half a note helps nobody.</summary>
    /// <exception cref="ToolException">The notebook of the session is full.</exception>
    public async Task<Note> AppendAsync(ToolContext context, string text, string? title, CancellationToken cancellationToken)
    {
        var path = PathOf(context.SessionId, context.Owner);
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var notes = await ReadAsync(path, cancellationToken);
            if (notes.Count >= MaxNotes)
            {
                throw new ToolException($"The notebook of this session is full ({MaxNotes} notes). Nothing was saved.");
            }

            var id = notes.Count == 0 ? 1 : notes[^1].Id + 1;
            var note = new Note(id, time.GetUtcNow(), context.SessionId, context.ToolCallId, title, text);
            await WriteLineAsync(path, note with { Title = title is null ? null : _cipher.SealText(title), Text = _cipher.SealText(text) });
            return note;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>The notes of a session, oldest first.</summary>
    public async Task<IReadOnlyList<Note>> ListAsync(ToolContext context, CancellationToken cancellationToken)
    {
        var path = PathOf(context.SessionId, context.Owner);
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var notes = await ReadAsync(path, cancellationToken);
            return [.. notes.Where(note => note.SessionId == context.SessionId).Select(Open)];
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>The sessions that have notes here.</summary>
    public IReadOnlyList<SessionId> Sessions()
    {
        // session-{id}.jsonl, session-{id}.{hash}.jsonl: an id has no dot.
        var names = Files("*").Select(path => Path.GetFileName(path)[Before.Length..]);
        return [.. names.Select(name => name[..name.IndexOf('.', StringComparison.Ordinal)])
            .Distinct(StringComparer.Ordinal)
            .Where(name => SessionId.TryParse(name, out _))
            .Select(name => SessionId.Parse(name))];
    }

    /// <summary>Removes the notes that were written of a session up to a time, whoever's they are, and overwrites them on disk.</summary>
    /// <exception cref="IOException">A file can't be read or written.</exception>
    public async Task EraseAsync(SessionId sessionId, DateTimeOffset through, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            foreach (var path in Files(sessionId.Value + "."))
            {
                var kept = (await ReadAsync(path, cancellationToken)).FindAll(
                    note => note.SessionId != sessionId.Value || note.Time > through);
                await EraseAsync(path, kept);
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    /// <exception cref="ToolException">It is encrypted with a key that this worker does not have.</exception>
    private Note Open(Note note)
    {
        try
        {
            return note with { Title = note.Title is null ? null : _cipher.OpenText(note.Title), Text = _cipher.OpenText(note.Text) };
        }
        catch (JsonException exception)
        {
            throw new ToolException("The notes can't be read: they are encrypted, and the key is not here.", exception);
        }
    }

    private string[] Files(string name)
        => Directory.Exists(directory) ? Directory.GetFiles(directory, $"{Before}{name}*{Extension}") : [];

    private async Task EraseAsync(string path, List<Note> kept)
    {
        var next = path + ".new";
        if (kept.Count > 0)
        {
            await File.WriteAllTextAsync(next, string.Concat(kept.Select(Line)), CancellationToken.None);
        }

        await using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.Read))
        {
            await file.WriteAsync(new byte[file.Length], CancellationToken.None);
            file.Flush(flushToDisk: true);
        }

        if (kept.Count > 0)
        {
            File.Move(next, path, overwrite: true);
        }
        else
        {
            File.Delete(path);
        }

        DirectoryFlush.Flush(directory);
    }

    private static string Line(Note note) => JsonSerializer.Serialize(note, NoteJsonContext.Default.Note) + "\n";

    private async Task WriteLineAsync(string path, Note note)
    {
        DurableDirectory.Create(directory);
        var isNew = !File.Exists(path);
        await using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        // A line that a crash left unfinished must not swallow this one.
        var separator = await EndsWithinALineAsync(file) ? "\n" : "";
        await file.WriteAsync(Encoding.UTF8.GetBytes(separator + Line(note)), CancellationToken.None);
        file.Flush(flushToDisk: true);
        if (isNew)
        {
            // A file is only as safe as the directory that names it.
            DirectoryFlush.Flush(directory);
        }
    }

    private static async Task<bool> EndsWithinALineAsync(FileStream file)
    {
        if (file.Length == 0)
        {
            return false;
        }

        file.Seek(-1, SeekOrigin.End);
        var last = new byte[1];
        await file.ReadExactlyAsync(last, CancellationToken.None);
        return last[0] != (byte)'\n';
    }

    private static async Task<List<Note>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var notes = new List<Note>();
        if (!File.Exists(path))
        {
            return notes;
        }

        await foreach (var line in File.ReadLinesAsync(path, cancellationToken))
        {
            if (TryRead(line) is { } note)
            {
                notes.Add(note);
            }
        }

        return notes;
    }

    private static Note? TryRead(string line)
    {
        try
        {
            return line.Length == 0 ? null : JsonSerializer.Deserialize(line, NoteJsonContext.Default.Note);
        }
        catch (JsonException)
        {
            // The torn last line of a crash: that note was never acknowledged.
            return null;
        }
    }
}
