using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Messaging.Session;

/// <summary>Gives the entries of one record their offsets and makes their bytes.</summary>
internal sealed class EntryWriter(Offset last, DateTimeOffset now)
{
    private readonly List<LogEntry> _entries = [];

    public IReadOnlyList<LogEntry> Entries => _entries;

    /// <summary>The last offset that was given, or the one before the first.</summary>
    public Offset Last => last;

    public EntryWriter Add(RunId runId, SessionEvent sessionEvent)
    {
        last = last.Next;
        sessionEvent = Detach(sessionEvent);
        var frame = EnvelopeCodec.Frame(last, EnvelopeCodec.EncodeBody(sessionEvent, runId, now));
        _entries.Add(new LogEntry(last, runId, now, sessionEvent, frame));
        return this;
    }

    /// <summary>JSON that belongs to a document of the caller's would end with it; what is its own already is not copied.</summary>
    private static SessionEvent Detach(SessionEvent sessionEvent) => sessionEvent switch
    {
        ReasoningStep { Arguments: { } arguments } step => step with { Arguments = arguments.Clone() },
        ToolApprovalRequired { Arguments: { } arguments } required => required with { Arguments = arguments.Clone() },
        ToolApprovalResolved { Arguments: { } arguments } resolved => resolved with { Arguments = arguments.Clone() },
        _ => sessionEvent,
    };
}
