using System.ComponentModel.DataAnnotations;

namespace AgentStream.Access;

/// <summary>
/// Who may come in. Section <c>AgentStream:Access</c>, with a section below it for each way to be known; checked at start.
/// Without any of them nobody is asked who they are, and the service listens on loopback alone.
/// </summary>
internal sealed class AccessOptions
{
    public const string Section = "AgentStream:Access";

    /// <summary>
    /// Whether a service that asks nobody who they are may listen on more than loopback,
    /// because something else keeps its port closed. Default false.
    /// </summary>
    public bool Open { get; set; }

    /// <summary>
    /// Whether browsers reach the pages over TLS, here or at a proxy. Default true: the cookie of a sign-in is sent over TLS alone
    /// (and to this machine). False is for plain http, where everybody on the way can read along.
    /// </summary>
    public bool Tls { get; set; } = true;

    /// <summary>The time for which a sign-in holds; then its sockets are closed, and the person signs in again. Default 12 hours.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan SignInLifetime { get; set; } = TimeSpan.FromHours(12);

    /// <summary>
    /// Whether owners may share a session for reading, by links that show it to whoever has one, without a sign-in. Default true.
    /// False: none can be made, and those that there are open nothing.
    /// </summary>
    public bool Sharing { get; set; } = true;

    /// <summary>
    /// What a role or group allows: <c>admins: read chat approve admin; viewers: read</c>. <c>*</c> stands for everybody who is known.
    /// Default, empty: everybody who is known may read, chat and approve. API keys have scopes of their own.
    /// </summary>
    public string Roles { get; set; } = "";
}
