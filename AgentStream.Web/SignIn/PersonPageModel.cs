using AgentStream.Access;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace AgentStream.Web.SignIn;

/// <summary>A page of somebody's own sessions: who they are, and how the page reaches the API as them.</summary>
internal abstract class PersonPageModel(ApiAddress api, AccessWays ways) : PageModel
{
    /// <summary>Who is signed in; null where nobody is asked to.</summary>
    public Caller? Person => ways.Any ? HttpContext.GetCaller() : null;

    /// <summary>How the page shows the API who it is: <c>cookie</c>, <c>ticket</c>, or not at all.</summary>
    public string? Way => Person is null ? null : ApiSeesWhoAsks ? "cookie" : "ticket";

    /// <summary>The address at which the browser reaches the API; empty for the page's own origin.</summary>
    public string ApiBaseAddress => api.ForBrowsers;

    // At the page's own address by whatever the page itself is known by; elsewhere only by a cookie, and where that gets there.
    private bool ApiSeesWhoAsks =>
        ApiBaseAddress.Length == 0 || (Person!.HasSignedIn && api.SharesNameWith(Request.Host));
}
