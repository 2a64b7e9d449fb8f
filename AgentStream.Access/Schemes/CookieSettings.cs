using AgentStream.Access.Records;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace AgentStream.Access.Schemes;

/// <summary>The cookie of a sign-in: the pages write it, and the API reads it as well.</summary>
internal sealed class CookieSettings(IOptions<AccessOptions> access, AccessRecords records, ActiveSignIns signIns)
    : IConfigureNamedOptions<CookieAuthenticationOptions>
{
    public void Configure(CookieAuthenticationOptions options)
    {
    }

    public void Configure(string? name, CookieAuthenticationOptions options)
    {
        if (name != AccessSchemes.Cookie)
        {
            return;
        }

        options.Cookie.Name = SignInCookie.NameOf(access.Value);
        options.Cookie.Path = "/";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = access.Value.Tls ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
        options.Cookie.IsEssential = true;
        options.ExpireTimeSpan = access.Value.SignInLifetime;
        options.SlidingExpiration = false;
        options.LoginPath = "/sign-in";
        options.AccessDeniedPath = "/sign-in";
        options.ReturnUrlParameter = "return";
        options.Events.OnRedirectToLogin = context => Redirect(context, StatusCodes.Status401Unauthorized);
        options.Events.OnRedirectToAccessDenied = context => Redirect(context, StatusCodes.Status403Forbidden);
        options.Events.OnValidatePrincipal = context =>
        {
            if (Caller.From(context.Principal) is not { } caller || !records.IsGood(caller))
            {
                context.RejectPrincipal();
            }
            else
            {
                signIns.Note(caller);
            }

            return Task.CompletedTask;
        };
    }

    // To people who open a page the sign-in page is an answer; to a script it is none.
    private static Task Redirect(RedirectContext<CookieAuthenticationOptions> context, int status)
    {
        if (HttpMethods.IsGet(context.Request.Method)
            && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Redirect(context.RedirectUri);
        }
        else
        {
            context.Response.StatusCode = status;
        }

        return Task.CompletedTask;
    }
}
