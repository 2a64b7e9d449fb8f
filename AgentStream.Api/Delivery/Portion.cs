using AgentStream.Api.Telemetry;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Delivery;

/// <summary>What a client gets in one write: frames in the form of its wire, made once for all who stand at the same place.</summary>
/// <param name="Bytes">The bytes; shared, never changed.</param>
internal sealed record Portion(ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Stands for what the server does not have in memory.</summary>
    public static readonly Portion Missing = new(ReadOnlyMemory<byte>.Empty);

    /// <summary>The offset after which it begins, where it is of the log.</summary>
    public Offset After { get; init; }

    /// <summary>Where a client stands that has it; <c>null</c>: it moves nobody.</summary>
    public Cursor? Reached { get; init; }

    /// <summary>Set where it says how the store is: whether it is away.</summary>
    public bool? IsDegraded { get; init; }

    /// <summary>Whether it says that all is well, and nothing else.</summary>
    public bool IsHeartbeat { get; init; }

    /// <summary>The snapshot, where it is one and its reader takes entries.</summary>
    public SnapshotData? Snapshot { get; init; }

    /// <summary>The last entry of each of its frames, where it is of the log.</summary>
    public IReadOnlyList<LogEntry> Ends { get; init; } = [];

    /// <summary>The first texts of runs that it brings.</summary>
    public IReadOnlyList<FirstText> FirstTexts { get; init; } = [];
}
