using AgentStream.Access;
using AgentStream.Web.SignIn;
using Microsoft.Extensions.Options;

namespace AgentStream.Web.Pages.Runs;

/// <summary>All that runs, waits or queues in one's sessions. The server sends the frame; what is in it comes from the API.</summary>
internal sealed class IndexModel(ApiAddress api, IOptions<AgentStreamWebOptions> options, AccessWays ways) : PersonPageModel(api, ways)
{
    /// <summary>The currency of the operator's prices.</summary>
    public string Currency => options.Value.Currency;

    /// <summary>What the page offers, as the API will see it.</summary>
    public string Scopes => ScopeNames.Write((HttpContext.GetCaller() ?? Caller.Local).Scopes);
}
