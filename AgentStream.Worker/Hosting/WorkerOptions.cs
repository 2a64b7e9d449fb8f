using System.ComponentModel.DataAnnotations;

namespace AgentStream.Worker.Hosting;

/// <summary>The settings of a worker. Section <c>AgentStream:Worker</c>.</summary>
internal sealed class WorkerOptions
{
    public const string Section = "AgentStream:Worker";

    /// <summary>Runs at the same time. Default 16: they mostly wait for models.</summary>
    [Range(1, 10_000)]
    public int MaxConcurrentRuns { get; set; } = 16;

    /// <summary>The number of times that a run is begun whose workers are lost, before it fails. Default 3.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = 3;

    /// <summary>The interval at which an idle worker looks for runs that no signal told it of. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Text that comes within this time of the piece before it is gathered and written together; the first piece goes out at once.
    /// Default 15 ms, which nobody sees; it grows to five thirds of that (25 ms) above 90 pieces a second,
    /// and to six fifths (18 ms) above 1,000.
    /// 0: every piece goes out as soon as the one before it is written.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:01")]
    public TimeSpan DeltaWindow { get; set; } = TimeSpan.FromMilliseconds(15);

    /// <summary>
    /// The characters that a model gets of a text that is attached to a message; of a longer one its beginning and its end.
    /// Default 100,000.
    /// </summary>
    [Range(1_000, 10_000_000)]
    public int AttachmentCharacters { get; set; } = 100_000;

    /// <summary>
    /// The time that a run may go on after the worker was told to stop, to reach its next checkpoint.
    /// Default 5 s; then it is given back where it stands.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(5);
}
