using System.ComponentModel.DataAnnotations;

namespace AgentStream.Worker.Tools.Web;

/// <summary>The tool <c>fetch_url</c>.</summary>
public sealed class FetchUrlOptions
{
    public const string Section = "AgentStream:FetchUrl";

    /// <summary>
    /// Tells whether the worker has the tool.
    /// Default: no, because a model that reads strangers' text could be talked into carrying what it knows to a stranger's server.
    /// </summary>
    public bool Enabled { get; set; }

    /// <summary>
    /// Hosts that may be asked, their subdomains included; default: all that are not denied.
    /// Addresses of private networks are refused all the same.
    /// </summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>Hosts that may not be asked, their subdomains included; wins over <see cref="AllowedHosts"/>.</summary>
    public IList<string> DeniedHosts { get; } = [];

    /// <summary>
    /// The size of a page that is read, in bytes after decompression; the rest is left out, and the tool says so. Default 2 MiB.
    /// </summary>
    [Range(1_024, 64 * 1_024 * 1_024)]
    public int MaxBytes { get; set; } = 2 * 1_024 * 1_024;

    /// <summary>For the whole page, redirects included. Default 20 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>The number of redirects that are followed; each is checked like the first address. Default 5.</summary>
    [Range(0, 20)]
    public int MaxRedirects { get; set; } = 5;

    internal void ReadLists(IConfiguration configuration)
    {
        Add(AllowedHosts, configuration.GetSection($"{Section}:{nameof(AllowedHosts)}"));
        Add(DeniedHosts, configuration.GetSection($"{Section}:{nameof(DeniedHosts)}"));
    }

    private static void Add(IList<string> list, IConfigurationSection section)
    {
        foreach (var item in section.GetChildren().Where(item => !string.IsNullOrWhiteSpace(item.Value)))
        {
            list.Add(item.Value!.Trim());
        }
    }
}
