using System.ComponentModel.DataAnnotations;

namespace AgentStream.Messaging.Embedded;

/// <summary>
/// The store in this process and on its disk. Section <c>AgentStream:Embedded</c>; the directory alone is <c>AgentStream:DataDirectory</c>.
/// </summary>
internal sealed class EmbeddedOptions
{
    public const string Section = "AgentStream:Embedded";

    /// <summary>The setting of <see cref="DataDirectory"/>.</summary>
    public const string DataDirectorySetting = "AgentStream:DataDirectory";

    /// <summary>
    /// The directory in which everything is kept. Default <c>data</c>; a relative path counts from the content root. One process at a time.
    /// </summary>
    public string DataDirectory { get; set; } = "data";

    /// <summary>
    /// Whether a write counts only when the disk has it (fsync).
    /// Default true; without, a power cut (not a crash) can lose what was shown last, and offsets may then be used twice.
    /// </summary>
    public bool FlushToDisk { get; set; } = true;

    /// <summary>
    /// The time for which a session that nobody uses stays in memory.
    /// Default 1 minute; then nothing of it does, and the next use reads it from disk.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan UnloadAfter { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The number of sessions that stay in memory even so long although nobody uses them. Default 1000; those that were used last.
    /// </summary>
    [Range(0, 1_000_000)]
    public int MaxIdleSessions { get; set; } = 1000;

    /// <summary>The number of writes that may be on their way to disk at once; further ones wait. Default 4096.</summary>
    [Range(1, 1_000_000)]
    public int MaxPendingWrites { get; set; } = 4096;
}
