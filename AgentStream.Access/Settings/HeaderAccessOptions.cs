namespace AgentStream.Access;

/// <summary>
/// A proxy has asked people who they are, and says it in a header. On where <see cref="Name"/> is set.
/// From anywhere but <see cref="Proxies"/> the headers count for nothing. Section <c>AgentStream:Access:Header</c>.
/// </summary>
public sealed class HeaderAccessOptions
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
}
