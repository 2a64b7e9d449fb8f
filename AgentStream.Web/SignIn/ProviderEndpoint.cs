using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;

namespace AgentStream.Web.SignIn;

/// <summary>
/// <c>GET /sign-in/continue</c>: leads to the provider. A link and no form, which the page's policy would not let go there.
/// </summary>
internal static partial class ProviderEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints.MapGet("/sign-in/continue", LeadAsync);

    private static async Task LeadAsync(
        HttpContext context, [FromQuery(Name = SignInAddress.ReturnParameter)] string? address, ILogger<ProviderSignIn> logger)
    {
        try
        {
            await context.ChallengeAsync(
                ProviderSignIn.Scheme, new AuthenticationProperties { RedirectUri = LocalAddress.Of(address, context.Request) });
        }
        catch (Exception exception) when (exception is InvalidOperationException or HttpRequestException or IOException)
        {
            // Its description could not be read: an address that is wrong, or a provider that is down.
            LogUnreachable(logger, exception);
            context.Response.Redirect(SignInAddress.Saying(context.Request, SignInAddress.ProviderFailed));
        }
    }

    [LoggerMessage(LogLevel.Error, "The sign-in provider can't be reached")]
    private static partial void LogUnreachable(ILogger logger, Exception exception);
}
