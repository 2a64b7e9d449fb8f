using System.Globalization;
using System.Text.Json;
using AgentStream.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace AgentStream.Web.SignIn;

/// <summary>Signs people in at an OpenID Connect provider: authorisation code with PKCE, and out there, too.</summary>
internal sealed partial class ProviderSignIn(
    IOptions<OpenIdConnectAccessOptions> settings, CallerFactory callers, ProviderGrants grants, ILogger<ProviderSignIn> logger)
    : IConfigureNamedOptions<OpenIdConnectOptions>
{
    /// <summary>The scheme's name.</summary>
    public const string Scheme = "AgentStream.Provider";

    /// <summary>What the cookie keeps of the provider's tokens.</summary>
    public const string IdToken = "id_token";

    private const string Again = ".again";
    private static readonly object SignOutAddressKey = new();
    private static readonly object TokensKey = new();

    /// <summary>Where the person has to go for the provider to sign them out, after the scheme's sign-out; <c>null</c>: nowhere.</summary>
    public static string? SignOutAddressOf(HttpContext context) => context.Items[SignOutAddressKey] as string;

    public void Configure(OpenIdConnectOptions options) => Configure(Scheme, options);

    public void Configure(string? name, OpenIdConnectOptions options)
    {
        if (name != Scheme)
        {
            return;
        }

        var provider = settings.Value;
        options.Authority = provider.Authority;
        options.ClientId = provider.ClientId;
        options.ClientSecret = provider.ClientSecret;
        options.RequireHttpsMetadata = !new Uri(provider.Authority).IsLoopback;
        options.SignInScheme = AccessSchemes.Cookie;
        options.CallbackPath = "/sign-in/callback";
        options.SignedOutCallbackPath = "/sign-out/callback";
        options.AccessDeniedPath = "/sign-in";
        options.ReturnUrlParameter = SignInAddress.ReturnParameter;
        options.ResponseType = OpenIdConnectResponseType.Code;
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        options.UsePkce = true;
        options.MapInboundClaims = false;
        options.GetClaimsFromUserInfoEndpoint = true;
        options.DisableTelemetry = true;
        options.Scope.Clear();
        foreach (var scope in provider.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            options.Scope.Add(scope);
        }

        options.ClaimActions.MapJsonKey(provider.NameClaim, provider.NameClaim);
        options.ClaimActions.MapJsonKey(provider.RoleClaim, provider.RoleClaim);
        Harden(options.CorrelationCookie);
        Harden(options.NonceCookie);
        options.Events.OnTokenValidated = KeepTokens;
        options.Events.OnUserInformationReceived = KeepRoles;
        options.Events.OnTicketReceived = TakeIn;
        options.Events.OnRemoteFailure = SayThatItFailed;
        options.Events.OnRedirectToIdentityProviderForSignOut = KeepSignOutAddress;
    }

    // The way back is a plain link from the provider, with which cookies of this kind come along.
    private static void Harden(CookieBuilder cookie)
    {
        cookie.SameSite = SameSiteMode.Lax;
        cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
    }

    // The one token that the cookie needs again: with it the provider knows whom to sign out, and asks nothing.
    private static Task KeepTokens(TokenValidatedContext context)
    {
        if (context.TokenEndpointResponse is { } response)
        {
            context.HttpContext.Items[TokensKey] = response;
            if (response.IdToken is { } token)
            {
                context.Properties?.StoreTokens([new AuthenticationToken { Name = IdToken, Value = token }]);
            }
        }

        return Task.CompletedTask;
    }

    // Only a provider whose userinfo says what roles somebody has can be asked about them again.
    private async Task KeepRoles(UserInformationReceivedContext context)
    {
        if (context.HttpContext.Items[TokensKey] is not OpenIdConnectMessage { AccessToken: { Length: > 0 } token } response
            || RolesIn(context.User.RootElement) is not { } roles
            || await context.Options.ConfigurationManager!.GetConfigurationAsync(context.HttpContext.RequestAborted) is not { } addresses
            || context.Principal?.FindFirst("sub") is not { } subject)
        {
            return;
        }

        context.HttpContext.Items[TokensKey] = new ProviderTokens
        {
            Subject = subject.Value,
            Roles = roles,
            UserInfoAddress = addresses.UserInfoEndpoint,
            TokenAddress = addresses.TokenEndpoint,
            AccessToken = token,
            AccessTokenLifetime = double.TryParse(response.ExpiresIn, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
                ? ProviderTokens.LifetimeOf(seconds)
                : null,
            RefreshToken = response.RefreshToken,
        };
    }

    private List<string>? RolesIn(JsonElement person)
        => !person.TryGetProperty(settings.Value.RoleClaim, out var roles) ? null
            : roles.ValueKind == JsonValueKind.Array ? [.. roles.EnumerateArray().Select(role => role.ToString())]
            : [roles.ToString()];

    private async Task TakeIn(TicketReceivedContext context)
    {
        var provider = settings.Value;
        var claims = context.Principal!;
        var subject = claims.FindFirst("sub") ?? throw new InvalidOperationException("The provider named no subject.");
        var name = new[] { provider.NameClaim, "name", "preferred_username", "email" }
            .Select(kind => claims.FindFirst(kind)?.Value)
            .FirstOrDefault(value => !string.IsNullOrWhiteSpace(value)) ?? subject.Value;
        var roles = claims.FindAll(provider.RoleClaim).Select(role => role.Value).ToList();
        var caller = callers.SignIn(PrincipalIds.OfSubject(subject.Issuer, subject.Value), name, roles);
        context.Principal = caller.ToPrincipal(AccessSchemes.Cookie);

        var aborted = context.HttpContext.RequestAborted;
        if (context.HttpContext.Items[TokensKey] is ProviderTokens tokens)
        {
            await grants.KeepAsync(caller, tokens, aborted);
        }
        else if (roles.Count > 0 && provider.RoleCheckInterval > TimeSpan.Zero)
        {
            LogRolesAreNotToBeAsked(provider.RoleClaim);
        }

        if (claims.FindFirst("sid") is { } session)
        {
            await grants.LinkAsync(caller, subject.Issuer, session.Value, aborted);
        }
    }

    private async Task SayThatItFailed(RemoteFailureContext context)
    {
        if (IsOfUnknownKey(context.Failure) && context.Properties is { } properties && !properties.Items.ContainsKey(Again))
        {
            // The provider signs with other keys by now, and they are being fetched: it knows the person, and asks nothing again.
            await context.HttpContext.ChallengeAsync(
                Scheme, new AuthenticationProperties { RedirectUri = properties.RedirectUri, Items = { [Again] = "" } });
        }
        else
        {
            LogFailed(context.Failure);
            context.Response.Redirect(SignInAddress.Saying(context.Request, SignInAddress.ProviderFailed));
        }

        context.HandleResponse();
    }

    private static bool IsOfUnknownKey(Exception? failure)
        => failure is not null && (failure is SecurityTokenSignatureKeyNotFoundException || IsOfUnknownKey(failure.InnerException));

    // A form of ours can't be answered with a redirect to the provider: the page's policy lets forms lead nowhere else.
    private static Task KeepSignOutAddress(RedirectContext context)
    {
        if (!string.IsNullOrEmpty(context.ProtocolMessage.IssuerAddress))
        {
            // As the handler itself would do next.
            context.ProtocolMessage.State = context.Options.StateDataFormat.Protect(context.Properties);
            context.HttpContext.Items[SignOutAddressKey] = context.ProtocolMessage.CreateLogoutRequestUrl();
        }

        context.HandleResponse();
        return Task.CompletedTask;
    }

    [LoggerMessage(
        LogLevel.Warning,
        "The provider's userinfo says nothing of '{Claim}', so that it can't be asked whether somebody still has it: a lost role is "
            + "noticed at the next sign-in. Have the provider put the claim into its userinfo, too")]
    private partial void LogRolesAreNotToBeAsked(string claim);

    [LoggerMessage(LogLevel.Warning, "A sign-in at the provider failed")]
    private partial void LogFailed(Exception? exception);
}
