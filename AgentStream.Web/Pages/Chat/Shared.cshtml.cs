using AgentStream.Access;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Options;

namespace AgentStream.Web.Pages.Chat;

/// <summary>
/// A session for whoever has a link to it. The page is the same for everybody: the secret of the link stands after the <c>#</c>,
/// which no browser sends, and the page's script shows it to this server and the API alone.
/// </summary>
internal sealed class SharedModel(ApiAddress api, IOptions<AccessOptions> access, AccessWays ways) : PageModel
{
    /// <summary>The session in the address.</summary>
    public string SessionId { get; private set; } = "";

    /// <summary>The address at which the browser reaches the API; empty for the page's own origin.</summary>
    public string ApiBaseAddress => api.ForBrowsers;

    public IActionResult OnGet(string sessionId)
    {
        // Where nobody is asked who they are, there are no links.
        if (!ways.Any || !access.Value.Sharing)
        {
            return NotFound();
        }

        SessionId = sessionId;
        return Page();
    }
}
