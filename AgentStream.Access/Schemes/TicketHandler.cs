using System.Text.Encodings.Web;
using AgentStream.Access.Records;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentStream.Access.Schemes;

/// <summary>
/// Single-use tickets: <c>?ticket=…</c>, because browsers let a page set no header of a socket, or <c>Authorization: Ticket …</c>.
/// </summary>
internal sealed class TicketHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, Tickets tickets, AccessRecords records)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    internal const string QueryName = "ticket";
    internal const string Prefix = "Ticket ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var given = Request.Headers.Authorization.Count > 0
            ? Request.Headers.Authorization.ToString()[Prefix.Length..].Trim()
            : Request.Query[QueryName] is [{ Length: > 0 } one] ? one : "";
        var origin = Request.Headers.Origin.Count > 0 ? Request.Headers.Origin.ToString() : null;
        return await tickets.UseAsync(given, origin, Context.RequestAborted) is { } caller
            && await records.IsGoodAsync(caller, Context.RequestAborted)
            ? AuthenticateResult.Success(new AuthenticationTicket(caller.ToPrincipal(Scheme.Name), Scheme.Name))
            : AuthenticateResult.Fail("The ticket was used before, came too late, or is for another page.");
    }
}
