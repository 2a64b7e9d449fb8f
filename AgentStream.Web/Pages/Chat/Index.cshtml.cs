using AgentStream.Access;
using AgentStream.Web.SignIn;
using Microsoft.Extensions.Options;

namespace AgentStream.Web.Pages.Chat;

/// <summary>The live chat. The server sends the frame; what is in it comes over the socket.</summary>
internal sealed class IndexModel(
    ApiAddress api, IOptions<AgentStreamWebOptions> options, IOptions<AccessOptions> access, AccessWays ways) : PersonPageModel(api, ways)
{
    private readonly bool _asks = ways.Any;

    /// <summary>The session in the address; null at <c>/</c>, where the page makes a new one.</summary>
    public string? SessionId { get; private set; }

    /// <summary>Whether a session can be shared by a link: with whom, where everybody sees everything?</summary>
    public bool IsShareable => _asks && access.Value.Sharing;

    /// <summary>The address at which a trace is shown, with <c>{trace_id}</c> for its id; empty where nowhere.</summary>
    public string TraceUrl => options.Value.TraceUrl;

    /// <summary>The currency of the operator's prices.</summary>
    public string Currency => options.Value.Currency;

    public void OnGet(string? sessionId) => SessionId = sessionId;
}
