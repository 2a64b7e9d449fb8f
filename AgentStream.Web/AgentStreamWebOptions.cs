namespace AgentStream.Web;

/// <summary>Settings of the pages, read from <c>AgentStream:Web</c> and checked at start.</summary>
public sealed class AgentStreamWebOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "AgentStream:Web";

    /// <summary>
    /// Where browsers reach the API: an absolute http or https address. Empty (the default) means the address that the page itself came
    /// from, which is right where one process serves both.
    /// </summary>
    public string ApiBaseAddress { get; set; } = "";

    /// <summary>
    /// Where this server reaches the API for the classic chat: an absolute http or https address, a service discovery name such as
    /// <c>http://api</c> included. Empty (the default) means <see cref="ApiBaseAddress"/>, and where that is empty too, this process.
    /// </summary>
    public string ApiInternalAddress { get; set; } = "";

    /// <summary>
    /// The names under which the pages may be asked for (the <c>Host</c> header, without port; of an address the name counts).
    /// Default: this machine only, so that a foreign name that is made to point here gets nothing;
    /// in Standalone, those of <c>AgentStream:Api:AllowedHosts</c>.
    /// <c>*</c> allows every name, which is for servers behind a proxy that checks.
    /// </summary>
    public string[] AllowedHosts { get; set; } = [];

    /// <summary>
    /// How long the classic chat waits for an answer; default 10 minutes. A run goes on when the wait is over: its answer then appears when
    /// the page is loaded again.
    /// </summary>
    public TimeSpan ClassicChatTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Where the trace of a run is shown: an absolute http or https address with <c>{trace_id}</c> in it, for the Aspire dashboard
    /// <c>http://localhost:18888/traces/detail/{trace_id}</c>. Empty (the default) means that the id can only be copied.
    /// </summary>
    public string TraceUrl { get; set; } = "";

    /// <summary>
    /// The currency in which pages show what runs cost, as three letters of ISO 4217: that of <c>AgentStream:Prices</c>.
    /// Default: <c>USD</c>. Nothing is shown where no price is set.
    /// </summary>
    public string Currency { get; set; } = "USD";
}
