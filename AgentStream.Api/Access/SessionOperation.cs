namespace AgentStream.Api.Access;

/// <summary>Something that somebody wants to do with a session.</summary>
internal enum SessionOperation
{
    /// <summary>Follow it, read or export its transcript.</summary>
    Read,

    /// <summary>Send a message, cancel a run, answer an approval, rename it.</summary>
    Write,

    /// <summary>Remove it for good.</summary>
    Erase,
}
