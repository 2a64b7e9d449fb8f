using System.Text.Json;
using AgentStream.Messaging.Embedded.Storage;
using Microsoft.Extensions.Logging;

namespace AgentStream.Messaging.Embedded;

/// <content>Sessions that were kept in files before there was a database.</content>
internal sealed partial class EmbeddedSessionStore
{
    private const int JournalsAtOnce = 128;

    /// <summary>Puts them into the database and removes the files. What is none of ours, or not to be read, is left alone.</summary>
    private void TakeOverJournals()
    {
        var journals = new FormerJournals(_directory!.Root);
        foreach (var files in journals.Files.Chunk(JournalsAtOnce))
        {
            var writes = new List<SessionWrite>();
            var done = new List<string>();
            foreach (var file in files)
            {
                try
                {
                    if (FormerJournals.Read(file) is not { Records: [_, ..] records } journal)
                    {
                        LogNotTakenOver(null, file);
                        continue;
                    }

                    var (state, _) = Fold(records, stopAt: null);
                    var sessionId = state.View.Head.SessionId;
                    if (!journal.IsWhole)
                    {
                        LogDamaged(file, FormerJournals.SetAside(file));
                    }

                    done.Add(file);
                    if (state.Ledger.LastSeq > Offset.Start
                        && !writes.Exists(write => write.Row.SessionId == sessionId)
                        && !_database!.Contains(sessionId))
                    {
                        writes.Add(new SessionWrite
                        {
                            Number = 0,
                            Row = state.View.ToRow(),
                            TitleIsNew = true,
                            FirstEnd = FirstEnd(state.Ledger),
                            Records = records,
                        });
                    }
                }
                catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
                {
                    LogNotTakenOver(exception, file);
                }
            }

            _database!.Commit(writes);

            // In the file for certain, also where commits do not wait for the disk: the journals go.
            _database.Checkpoint();
            journals.Remove(done);
            LogTakenOver(writes.Count);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Sessions} sessions of the former format are in the database now.")]
    private partial void LogTakenOver(int sessions);

    [LoggerMessage(
        Level = LogLevel.Error, Message = "{Path} is not whole: what is sound of it is taken over, and all of it kept as {Aside}.")]
    private partial void LogDamaged(string path, string aside);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} can't be read as a session of the former format; it is left alone.")]
    private partial void LogNotTakenOver(Exception? exception, string path);
}
