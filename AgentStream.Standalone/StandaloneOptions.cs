using System.ComponentModel.DataAnnotations;

namespace AgentStream.Standalone;

/// <summary>
/// The ports of the one process, on loopback. Section <c>AgentStream:Standalone</c>.
/// <c>ASPNETCORE_URLS</c>, where it is set, wins over both.
/// </summary>
internal sealed class StandaloneOptions
{
    public const string Section = "AgentStream:Standalone";

    /// <summary>The port of sockets and REST. Default 8000.</summary>
    [Range(1, 65535)]
    public int ApiPort { get; set; } = 8000;

    /// <summary>The port of the pages. Default 7860.</summary>
    [Range(1, 65535)]
    public int WebPort { get; set; } = 7860;
}
