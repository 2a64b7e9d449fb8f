using System.ComponentModel.DataAnnotations;

namespace AgentStream.Worker.Agents.Files;

/// <summary>The directory of agent files, and how changes are noticed. Section <c>AgentStream:AgentFiles</c>.</summary>
internal sealed class AgentFilesOptions
{
    public const string Section = "AgentStream:AgentFiles";

    /// <summary>
    /// The directory whose <c>*.md</c> files are agents; a relative path counts from the content root.
    /// It need not exist: what appears later is found. Empty: no agent files. Default <c>agents</c>.
    /// </summary>
    public string Directory { get; set; } = "agents";

    /// <summary>
    /// The interval at which the directory is read also where nothing was announced: some file systems announce nothing. Default 5 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The time that it must be quiet after a change before the files are read: editors write a file in several moves. Default 200 ms.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan SettleTime { get; set; } = TimeSpan.FromMilliseconds(200);
}
