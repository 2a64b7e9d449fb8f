using System.Text.Json.Serialization;
using AgentStream.Access;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace AgentStream.Web.SignIn;

/// <summary>
/// <c>POST /sign-out/back-channel</c>: the provider says that somebody signed out there, or was signed out
/// (OpenID Connect Back-Channel Logout 1.0). What they have open closes on every server.
/// </summary>
internal static partial class BackChannelEndpoint
{
    private const string TokenField = "logout_token";

    private static readonly FormOptions Limits = new()
    {
        ValueLengthLimit = 32 * 1024,
        ValueCountLimit = 16,
        KeyLengthLimit = 64,
        MultipartBodyLengthLimit = 64 * 1024,
    };

    public static void Map(IEndpointRouteBuilder endpoints)
        => endpoints.MapPost("/sign-out/back-channel", AnswerAsync).AllowAnonymous().DisableAntiforgery();

    private static async Task<IResult> AnswerAsync(
        HttpContext context, IOptionsMonitor<OpenIdConnectOptions> provider, LogoutTokens tokens, ProviderGrants grants, SignIns signIns,
        ILogger<ProviderSignIn> logger)
    {
        context.Response.Headers.CacheControl = "no-store";
        var aborted = context.RequestAborted;
        var logout = await ReadAsync(context) is { } text
            ? await tokens.ReadAsync(text, provider.Get(ProviderSignIn.Scheme), aborted)
            : new LogoutToken { Problem = "There is no logout_token in a form." };
        if (logout.Problem is { } problem)
        {
            LogRefused(logger, problem);
            return Results.Json(new LogoutRefusal("invalid_request", problem), WebSignInJson.Default.LogoutRefusal, statusCode: 400);
        }

        // A session that it names is meant alone, and all of the person's where it names none.
        if (logout.Session is { } session)
        {
            await grants.EndSessionAsync(logout.Issuer!, session, aborted);
        }
        else
        {
            await signIns.EndAllAsync(PrincipalIds.OfSubject(logout.Issuer!, logout.Subject!), aborted);
        }

        return Results.Ok();
    }

    private static async Task<string?> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType)
        {
            return null;
        }

        try
        {
            var form = await context.Request.ReadFormAsync(Limits, context.RequestAborted);
            return form[TokenField] is [{ Length: > 0 } one] ? one : null;
        }
        catch (Exception exception) when (exception is InvalidDataException or BadHttpRequestException)
        {
            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "A sign-out that the provider is said to have sent is refused: {Problem}")]
    private static partial void LogRefused(ILogger logger, string problem);
}

/// <summary>Why a sign-out was refused.</summary>
internal sealed record LogoutRefusal(string Error, string ErrorDescription);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LogoutRefusal))]
internal sealed partial class WebSignInJson : JsonSerializerContext;
