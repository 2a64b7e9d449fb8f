using AgentStream.ServiceDefaults;

namespace AgentStream.Api;

/// <summary>Settings of how clients may come in and how they are served. Section <c>AgentStream:Api</c>; checked at start.</summary>
public sealed class ApiOptions
{
    public const string Section = "AgentStream:Api";

    internal static readonly string[] DefaultOrigins =
        ["http://localhost:7860", "http://127.0.0.1:7860", "http://localhost:8000", "http://127.0.0.1:8000"];

    internal static readonly string[] DefaultHosts = [.. HostNames.OfThisMachine];

    /// <summary>
    /// The pages that may talk to this API, as browsers name them in <c>Origin</c> (scheme, host, port).
    /// Default: the page and the API on their usual ports on this machine.
    /// A page that came from the address which it asks need not be named, unless <see cref="AllowedHosts"/> is <c>*</c>;
    /// requests without <c>Origin</c> do not come from a page and are not held to this list.
    /// </summary>
    public string[] AllowedOrigins { get; set; } = [];

    /// <summary>
    /// The names under which this API may be asked for (the <c>Host</c> header, without port; of an address the name counts).
    /// Default: this machine only, so that a foreign name that is made to point here gets nothing.
    /// <c>*</c> allows every name, which is for servers behind a proxy that checks.
    /// </summary>
    public string[] AllowedHosts { get; set; } = [];

    /// <summary>
    /// The largest frame or request body that a client may send, in bytes. Default 1 MiB; a larger one closes the socket with 1009.
    /// </summary>
    public int MaxFrameBytes { get; set; } = 1 << 20;

    /// <summary>The longest message, in UTF-16 characters. Default 32,000.</summary>
    public int MaxMessageLength { get; set; } = 32_000;

    /// <summary>The interval at which a client hears that all is well. Default 30 s.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The time that one write to a client may take before the connection is given up. Default 30 s.</summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The number of entries that a reader may lack before it gets a snapshot in their place (<c>resync</c>, <c>too_slow</c>).
    /// Default 10,000.
    /// </summary>
    public int MaxBehind { get; set; } = 10_000;

    /// <summary>
    /// The number of sockets, event streams and requests that wait for a run to end that this process serves at a time.
    /// Default 20,000; more are told to come back.
    /// </summary>
    public int MaxConnections { get; set; } = 20_000;

    /// <summary>
    /// The number of these that one caller may have on this server. Default 100.
    /// Counts only where callers are asked who they are.
    /// </summary>
    public int MaxConnectionsPerCaller { get; set; } = 100;

    /// <summary>
    /// The number of messages that one caller may send in a minute through this server, over some time. Default 60.
    /// Counts only where callers are asked who they are.
    /// </summary>
    public int MaxMessagesPerMinute { get; set; } = 60;

    /// <summary>
    /// The bytes of attachments that one caller may add in an hour through this server, over some time. Default 1 GiB.
    /// Counts only where callers are asked who they are.
    /// </summary>
    public int MaxUploadBytesPerHour { get; set; } = 1 << 30;

    /// <summary>
    /// The number of these that one address may have on this server; of IPv6, one network of 64 bits.
    /// Default 0: any number. Behind a proxy that is not listed (<c>AgentStream:Proxies</c>) all have the proxy's address.
    /// </summary>
    public int MaxConnectionsPerAddress { get; set; }

    /// <summary>
    /// The number of messages that one address may send in a minute through this server, over some time. Default 0: any number.
    /// Those of the classic chat come from the pages' own server.
    /// </summary>
    public int MaxMessagesPerMinutePerAddress { get; set; }

    /// <summary>The number of levels to which the JSON of a frame or body may be nested. Default 32.</summary>
    public int MaxJsonDepth { get; set; } = 32;

    /// <summary>The number of unusable frames in a row that a client may send before its socket is closed with 4408. Default 100.</summary>
    public int MaxBadFrames { get; set; } = 100;

    /// <summary>
    /// The number of frames, pings included, that a client may send in a second over some time; ten times as many in a burst.
    /// Default 100; more closes the socket with 4429.
    /// </summary>
    public int MaxFramesPerSecond { get; set; } = 100;

    /// <summary>
    /// The time that a client has to send the head of a request, that of a socket's handshake included. Default 30 s; then it is cut.
    /// </summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The time after which an HTTP connection on which nothing is asked is closed, and a socket is cut on which a message was begun and
    /// has not come to its end. Default 2 minutes.
    /// An open socket or event stream may be silent: it is given up when its client is gone or takes nothing.
    /// </summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// After how long a silence the system asks a client's system whether it is still there (TCP keep-alive). Default 15 s.
    /// </summary>
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The time that may go by without an answer before the connection counts as gone. Default 30 s.</summary>
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The time that a client has to answer a close before the connection is cut. Default 3 s; it delays a shutdown by no more than that.
    /// </summary>
    public TimeSpan FarewellTimeout { get; set; } = TimeSpan.FromSeconds(3);
}
