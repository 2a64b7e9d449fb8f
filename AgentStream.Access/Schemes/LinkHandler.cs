using System.Text.Encodings.Web;
using AgentStream.Access.Records;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentStream.Access.Schemes;

/// <summary>Links by which owners share a session: <c>Authorization: Bearer asl_…</c>, never in an address.</summary>
internal sealed class LinkHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, AccessRecords records)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var text = Request.Headers.Authorization.ToString()[SchemeChoice.Bearer.Length..].Trim();
        return await records.FindLinkAsync(SecretHash.Of(text), Context.RequestAborted) is { } link && records.IsGood(link.ToCaller())
            ? AuthenticateResult.Success(new AuthenticationTicket(link.ToCaller().ToPrincipal(Scheme.Name), Scheme.Name))
            : AuthenticateResult.Fail("There is no such link, or it was revoked, or it has expired.");
    }
}
