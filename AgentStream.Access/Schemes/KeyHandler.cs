using System.Text.Encodings.Web;
using AgentStream.Access.Records;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentStream.Access.Schemes;

/// <summary>API keys.</summary>
internal sealed class KeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, AccessRecords records)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var text = Request.Headers.Authorization.ToString()[SchemeChoice.Bearer.Length..].Trim();
        return await records.FindAsync(SecretHash.Of(text), Context.RequestAborted) is { } key && records.IsGood(key.ToCaller())
            ? AuthenticateResult.Success(new AuthenticationTicket(key.ToCaller().ToPrincipal(Scheme.Name), Scheme.Name))
            : AuthenticateResult.Fail("There is no such key, or it was revoked, or it has expired.");
    }
}
