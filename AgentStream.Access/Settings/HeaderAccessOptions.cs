using System.ComponentModel.DataAnnotations;

namespace AgentStream.Access;

/// <summary>
/// A proxy has asked people who they are, and says it in a header. On where <see cref="Name"/> is set.
/// From anywhere but <see cref="Proxies"/> the headers count for nothing. Section <c>AgentStream:Access:Header</c>.
/// </summary>
internal sealed class HeaderAccessOptions
{
    public const string Section = AccessOptions.Section + ":Header";

    /// <summary>The header that has the person's id, such as <c>X-Auth-Request-User</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>The addresses and networks of the proxies, with commas between them: <c>10.0.0.5, 10.1.0.0/16</c>.</summary>
    public string Proxies { get; set; } = "";

    /// <summary>The header that has the person's name for others to read. Default: the id is the name.</summary>
    public string DisplayName { get; set; } = "";

    /// <summary>The header that has the person's roles or groups, with commas between them. Default: none.</summary>
    public string Roles { get; set; } = "";

    /// <summary>
    /// How long a socket or event stream of theirs may be open before it has to come back, through the proxy, which is asked anew then;
    /// the page does that by itself. 00:00:00: for as long as it likes. Default 5 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan ConnectionLifetime { get; set; } = TimeSpan.FromMinutes(5);
}
