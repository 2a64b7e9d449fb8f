using AgentStream.Access;
using AgentStream.Web.SignIn;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace AgentStream.Web.Pages.SignIn;

/// <summary>Ends a sign-in, on every server, and at the provider where it began there.</summary>
[ResponseCache(NoStore = true, Location = ResponseCacheLocation.None)]
internal sealed partial class SignOutModel(AccessWays ways, ILogger<SignOutModel> logger) : PageModel
{
    /// <summary>Where the provider signs the person out.</summary>
    public string ProviderAddress { get; private set; } = "";

    // Somebody reloaded the page, or wrote its address: only the form signs out.
    public IActionResult OnGet() => ways.Any ? LocalRedirect($"{Request.PathBase}/sign-in") : NotFound();

    public async Task<IActionResult> OnPostAsync([FromServices] IServiceProvider services, CancellationToken cancellationToken)
    {
        if (!ways.Any)
        {
            return NotFound();
        }

        if (HttpContext.GetCaller() is { } caller)
        {
            await services.GetRequiredService<SignIns>().EndAsync(caller, cancellationToken);
        }

        var done = SignInAddress.Saying(Request, SignInAddress.SignedOut);
        var address = await SignOutAddressAsync(done);
        await HttpContext.SignOutAsync(AccessSchemes.Cookie);
        if (address is null)
        {
            return LocalRedirect(done);
        }

        ProviderAddress = address;
        return Page();
    }

    // Before the cookie goes: the provider wants the token that is in it.
    private async Task<string?> SignOutAddressAsync(string done)
    {
        if (!ways.OpenIdConnect || await HttpContext.GetTokenAsync(AccessSchemes.Cookie, ProviderSignIn.IdToken) is null)
        {
            return null;
        }

        try
        {
            await HttpContext.SignOutAsync(ProviderSignIn.Scheme, new AuthenticationProperties { RedirectUri = done });
            return ProviderSignIn.SignOutAddressOf(HttpContext);
        }
        catch (Exception exception) when (exception is InvalidOperationException or HttpRequestException or IOException)
        {
            // Signed out here all the same.
            LogProviderUnreachable(exception);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The provider can't be asked to sign somebody out")]
    private partial void LogProviderUnreachable(Exception exception);
}
