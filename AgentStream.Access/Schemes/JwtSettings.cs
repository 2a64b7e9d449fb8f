using System.Security.Claims;
using AgentStream.Access.Records;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;

namespace AgentStream.Access.Schemes;

/// <summary>Signed tokens, checked by ASP.NET Core; here is only what is asked of them, and who is made of one.</summary>
internal sealed class JwtSettings(IOptions<JwtAccessOptions> jwt, CallerFactory callers, AccessRecords records)
    : IConfigureNamedOptions<JwtBearerOptions>
{
    public void Configure(JwtBearerOptions options)
    {
    }

    public void Configure(string? name, JwtBearerOptions options)
    {
        var settings = jwt.Value;
        if (name != AccessSchemes.Jwt || (settings.Authority.Length == 0 && settings.Key.Length == 0))
        {
            return;
        }

        options.MapInboundClaims = false;
        var wanted = options.TokenValidationParameters;
        wanted.ValidAudience = settings.Audience;
        wanted.ValidAlgorithms = JwtKeys.Algorithms(settings);
        wanted.RequireExpirationTime = true;
        wanted.RequireSignedTokens = true;
        wanted.ClockSkew = settings.ClockSkew;
        if (settings.Issuer.Length > 0)
        {
            wanted.ValidIssuer = settings.Issuer;
        }

        if (settings.Authority.Length > 0)
        {
            options.Authority = settings.Authority;
            options.RequireHttpsMetadata = !new Uri(settings.Authority).IsLoopback;
        }
        else
        {
            wanted.IssuerSigningKeys = JwtKeys.Read(settings.Key);
        }

        options.Events = new JwtBearerEvents
        {
            OnTokenValidated = context =>
            {
                if (context.SecurityToken is JsonWebToken token
                    && CallerOf(token, context.Principal!) is { } caller
                    && records.IsGood(caller))
                {
                    context.Principal = caller.ToPrincipal(context.Scheme.Name);
                }
                else
                {
                    context.Fail("The token names nobody, or was revoked.");
                }

                return Task.CompletedTask;
            },
        };
    }

    private Caller? CallerOf(JsonWebToken token, ClaimsPrincipal principal)
    {
        if (string.IsNullOrEmpty(token.Subject) || string.IsNullOrEmpty(token.Issuer))
        {
            return null;
        }

        var settings = jwt.Value;
        var scopes = settings.ScopeClaim.Length > 0
            ? ScopeNames.ParseKnown(string.Join(' ', principal.FindAll(settings.ScopeClaim).Select(claim => claim.Value)))
            : callers.ScopesOf(principal.FindAll(settings.RoleClaim).Select(claim => claim.Value));
        var since = token.IssuedAt > DateTime.UnixEpoch ? token.IssuedAt : token.ValidFrom;
        return new Caller(
            PrincipalIds.OfSubject(token.Issuer, token.Subject),
            principal.FindFirst(settings.NameClaim)?.Value ?? token.Subject,
            scopes,
            $"token:{SecretHash.Of(string.IsNullOrEmpty(token.Id) ? token.EncodedToken : $"{token.Issuer} {token.Id}")}",
            new DateTimeOffset(DateTime.SpecifyKind(since, DateTimeKind.Utc)),
            new DateTimeOffset(DateTime.SpecifyKind(token.ValidTo, DateTimeKind.Utc)));
    }
}
