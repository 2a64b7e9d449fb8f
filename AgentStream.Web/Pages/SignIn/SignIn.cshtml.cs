using AgentStream.Access;
using AgentStream.Web.SignIn;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace AgentStream.Web.Pages.SignIn;

/// <summary>Asks who somebody is, in the ways that are configured.</summary>
[ResponseCache(NoStore = true, Location = ResponseCacheLocation.None)]
internal sealed partial class SignInModel(
    AccessWays ways, IOptions<CodeAccessOptions> code, IOptions<OpenIdConnectAccessOptions> provider, SignInAttempts attempts,
    ILogger<SignInModel> logger) : PageModel
{
    internal const int LongestName = 64;

    /// <summary>Where the person was, or the first page.</summary>
    public string ReturnAddress { get; private set; } = "";

    public string Name { get; private set; } = "";

    public bool TakesCode => ways.Code;

    /// <summary>What the provider is called; null if there is none.</summary>
    public string? Provider => !ways.OpenIdConnect ? null
        : provider.Value.Title is { Length: > 0 } title ? title
        : new Uri(provider.Value.Authority).Host;

    /// <summary>A sentence about what did not work; null if nothing was tried.</summary>
    public string? Trouble { get; private set; }

    /// <summary>A sentence about what happened; null if nothing did.</summary>
    public string? News { get; private set; }

    /// <summary>A sentence for somebody who is signed in and has no right to be here.</summary>
    public string? Refused { get; private set; }

    public IActionResult OnGet([FromQuery(Name = SignInAddress.ReturnParameter)] string? address, string? said)
    {
        if (!ways.Any)
        {
            return NotFound();
        }

        ReturnAddress = LocalAddress.Of(address, Request);
        if (HttpContext.GetCaller() is { } caller)
        {
            if (caller.Has(Scopes.Read))
            {
                return LocalRedirect(ReturnAddress);
            }

            Refused = $"You are signed in as {caller.Name}, who has no right to read here. An operator can give it by a role.";
            Response.StatusCode = StatusCodes.Status403Forbidden;
        }

        Trouble = said == SignInAddress.ProviderFailed ? "That did not work, and the server's log says why. Please try again." : null;
        News = said == SignInAddress.SignedOut ? "You are signed out." : null;
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(
        [FromForm] string? name,
        [FromForm(Name = "code")] string? tried,
        [FromForm(Name = SignInAddress.ReturnParameter)] string? address,
        [FromServices] IServiceProvider services)
    {
        if (!TakesCode)
        {
            return NotFound();
        }

        ReturnAddress = LocalAddress.Of(address, Request);
        Name = string.Join(' ', (name ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (attempts.Take(HttpContext.Connection.RemoteIpAddress) is { } wait)
        {
            var seconds = (int)Math.Ceiling(wait.TotalSeconds);
            LogTooMany(HttpContext.Connection.RemoteIpAddress);
            Response.Headers[HeaderNames.RetryAfter] = $"{seconds}";
            return Again(
                $"That was tried too often from your address. Please wait {seconds} seconds.", StatusCodes.Status429TooManyRequests);
        }

        if (Name.Length is 0 or > LongestName || Name.Any(char.IsControl))
        {
            return Again($"Please say who you are, in up to {LongestName} characters.", StatusCodes.Status400BadRequest);
        }

        if (!code.Value.Accepts(tried))
        {
            LogWrongCode(HttpContext.Connection.RemoteIpAddress);
            return Again("This is not the access code. Please try again.", StatusCodes.Status401Unauthorized);
        }

        var callers = services.GetRequiredService<CallerFactory>();
        var caller = callers.SignIn(PrincipalIds.OfName("code", IdOf(Name)), Name, []);
        await HttpContext.SignInAsync(AccessSchemes.Cookie, caller.ToPrincipal(AccessSchemes.Cookie));
        return LocalRedirect(ReturnAddress);
    }

    // One person, on whichever keyboard they write their name.
    private static string IdOf(string name) => name.Normalize().ToUpperInvariant();

    private PageResult Again(string sentence, int status)
    {
        Trouble = sentence;
        Response.StatusCode = status;
        return Page();
    }

    [LoggerMessage(LogLevel.Warning, "A sign-in from {Address} had a wrong access code")]
    private partial void LogWrongCode(System.Net.IPAddress? address);

    [LoggerMessage(LogLevel.Warning, "Sign-ins from {Address} are refused for a while: too many")]
    private partial void LogTooMany(System.Net.IPAddress? address);
}
