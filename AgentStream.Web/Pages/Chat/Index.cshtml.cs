using AgentStream.Access;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Options;

namespace AgentStream.Web.Pages.Chat;

/// <summary>The live chat. The server sends the frame; what is in it comes over the socket.</summary>
internal sealed class IndexModel(ApiAddress api, IOptions<AgentStreamWebOptions> options, AccessWays ways) : PageModel
{
    /// <summary>The session in the address; null at <c>/</c>, where the page makes a new one.</summary>
    public string? SessionId { get; private set; }

    /// <summary>Who is signed in; null where nobody is asked to.</summary>
    public Caller? Person => ways.Any ? HttpContext.GetCaller() : null;

    /// <summary>How the page shows the API who it is: <c>cookie</c>, <c>ticket</c>, or not at all.</summary>
    public string? Way => Person is null ? null : ApiSeesWhoAsks ? "cookie" : "ticket";

    /// <summary>The address at which the browser reaches the API; empty for the page's own origin.</summary>
    public string ApiBaseAddress => api.ForBrowsers;

    /// <summary>The address at which a trace is shown, with <c>{trace_id}</c> for its id; empty where nowhere.</summary>
    public string TraceUrl => options.Value.TraceUrl;

    // At the page's own address by whatever the page itself is known by; elsewhere only by a cookie, and where that gets there.
    private bool ApiSeesWhoAsks =>
        ApiBaseAddress.Length == 0 || (Person!.HasSignedIn && api.SharesNameWith(Request.Host));

    public void OnGet(string? sessionId) => SessionId = sessionId;
}
