using AgentStream.Messaging.Session;

namespace AgentStream.Messaging.Redis.Sessions;

/// <summary>What a command makes of a session.</summary>
internal sealed record SessionChange
{
    public SessionRecord? Record { get; init; }

    /// <summary>The new end of the lease.</summary>
    public DateTimeOffset? LeaseEnd { get; init; }

    /// <summary>The transcript through the offset of a <see cref="TrimmedRecord"/>.</summary>
    public byte[]? Base { get; init; }

    /// <summary>It needs no memory, or makes some: it has to work when there is none.</summary>
    public bool MakesRoom { get; init; }

    /// <summary>Nobody is called to work.</summary>
    public bool IsQuiet { get; init; }

    /// <summary>What the runs recorded is wanted with the answer.</summary>
    public bool WantsRecords { get; init; }

    /// <summary>The session goes, and all that is known of it.</summary>
    public bool Erases { get; init; }
}
