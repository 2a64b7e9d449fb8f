namespace AgentStream.Messaging.Embedded.Journal;

/// <summary>
/// A journal has a record that is whole and that this version can't read: a newer one wrote it.
/// The file is as good as it ever was, and is left alone.
/// </summary>
internal sealed class NewerJournalException(string path, Exception innerException)
    : IOException($"{path} has a record that this version can't read; a newer one wrote it.", innerException);
