using System.Diagnostics;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace AgentStream.Web.Pages;

/// <summary>Shows a page instead of an empty error. It never says what an exception said.</summary>
// The page answers failed posts too, and those may have failed for want of a token.
[IgnoreAntiforgeryToken]
[ResponseCache(NoStore = true, Location = ResponseCacheLocation.None)]
internal sealed class ErrorModel : PageModel
{
    public string Heading { get; private set; } = "";

    public string Sentence { get; private set; } = "";

    /// <summary>Tells whether signing in would help.</summary>
    public bool IsSignedOut { get; private set; }

    /// <summary>Leads from this page to the server's log; only for errors of the server's own.</summary>
    public string? TraceId { get; private set; }

    public void OnGet(int? status) => Describe(status);

    public void OnPost(int? status) => Describe(status);

    private void Describe(int? status)
    {
        // Asked for by address, without an error, the page is just a page that is not there.
        var failed = HttpContext.Features.Get<IExceptionHandlerFeature>() is not null;
        var code = failed ? StatusCodes.Status500InternalServerError
            : HttpContext.Features.Get<IStatusCodeReExecuteFeature>() is null ? StatusCodes.Status404NotFound
            : status ?? StatusCodes.Status404NotFound;
        Response.StatusCode = code;
        (Heading, Sentence) = code switch
        {
            StatusCodes.Status400BadRequest =>
                ("That did not work", "The form was too old or incomplete. Please go back, reload the page and try again."),
            StatusCodes.Status401Unauthorized => (
                "You are signed out", "Sign in, then go back and send it again: what you wrote is still there."),
            StatusCodes.Status404NotFound => ("There is nothing here", "The address may be mistyped, or what was here is gone."),
            < 500 => ("That did not work", "The server did not accept this request."),
            _ => (
                "Something went wrong",
                "It is our fault, not yours, and the details are in the server's log. Your conversations are safe."),
        };
        IsSignedOut = code == StatusCodes.Status401Unauthorized;
        TraceId = code >= 500 ? Activity.Current?.TraceId.ToString() ?? HttpContext.TraceIdentifier : null;
    }
}
