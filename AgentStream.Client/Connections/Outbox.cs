namespace AgentStream.Client.Connections;

/// <summary>
/// Messages that are not known to have arrived, in the order in which they were written. Safe to use from any thread.
/// </summary>
internal sealed class Outbox
{
    // Bounded by who writes them: each is what somebody asked, and waits for its answer.
    private readonly List<Entry> _entries = [];

    public void Add(string messageId, byte[] frame)
    {
        lock (_entries)
        {
            _entries.Add(new Entry(messageId, frame));
        }
    }

    /// <summary>The server has it, or will not have it.</summary>
    /// <returns>Whether it was still here.</returns>
    public bool Settle(string messageId)
    {
        lock (_entries)
        {
            return _entries.RemoveAll(entry => entry.MessageId == messageId) > 0;
        }
    }

    /// <summary>The next one that is not under way, which it now is; <c>null</c>: there is none.</summary>
    public byte[]? Next()
    {
        lock (_entries)
        {
            if (_entries.Find(entry => !entry.IsSent) is not { } next)
            {
                return null;
            }

            next.IsSent = true;
            return next.Frame;
        }
    }

    /// <summary>What was under way may be lost: it waits again.</summary>
    public void TakeBack()
    {
        lock (_entries)
        {
            _entries.ForEach(entry => entry.IsSent = false);
        }
    }

    /// <summary>The server could not take this one now.</summary>
    public void TakeBack(string messageId)
    {
        lock (_entries)
        {
            _entries.FindAll(entry => entry.MessageId == messageId).ForEach(entry => entry.IsSent = false);
        }
    }

    private sealed class Entry(string messageId, byte[] frame)
    {
        public string MessageId => messageId;

        public byte[] Frame => frame;

        public bool IsSent { get; set; }
    }
}
