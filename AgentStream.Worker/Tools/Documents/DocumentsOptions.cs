using System.ComponentModel.DataAnnotations;

namespace AgentStream.Worker.Tools.Documents;

/// <summary>The tool <c>search_documents</c>.</summary>
public sealed class DocumentsOptions
{
    public const string Section = "AgentStream:Documents";

    /// <summary>
    /// A folder of Markdown and text files (<c>.md</c>, <c>.markdown</c>, <c>.txt</c>),
    /// relative to where the service starts; default: none, and no tool. Hidden files and links are left out.
    /// </summary>
    public string? Folder { get; set; }

    /// <summary>Files beyond this many are left out, with a warning. Default 5,000.</summary>
    [Range(1, 100_000)]
    public int MaxFiles { get; set; } = 5_000;

    /// <summary>A larger file is left out, with a warning. In bytes; default 1 MiB.</summary>
    [Range(1, 64 * 1_024 * 1_024)]
    public int MaxFileBytes { get; set; } = 1_024 * 1_024;

    /// <summary>All indexed files together; those beyond are left out, with a warning. In bytes; default 32 MiB.</summary>
    [Range(1, 1_024 * 1_024 * 1_024)]
    public int MaxTotalBytes { get; set; } = 32 * 1_024 * 1_024;
}
