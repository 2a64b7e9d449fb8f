using AgentStream.Access;
using AgentStream.ServiceDefaults;
using Microsoft.AspNetCore.Antiforgery;

namespace AgentStream.Web.SignIn;

/// <summary>
/// <c>POST /ticket</c>: a ticket that lets the page ask the API once, for pages whose cookie does not get there,
/// and for sockets of those who have a link. 401 tells any page that its person is signed out, or its link over.
/// </summary>
internal static class TicketEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints.MapPost("/ticket", AnswerAsync).WithoutSpan();

    private static async Task<IResult> AnswerAsync(HttpContext context, IAntiforgery antiforgery, Tickets tickets)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (context.GetCaller() is not { } caller)
        {
            return Results.StatusCode(StatusCodes.Status401Unauthorized);
        }

        // The token is in the page alone, and belongs to who loaded it: another person by now has to load it again.
        // A link is shown on purpose with each request; no browser brings it along by itself.
        if (caller.Shared is null && !await antiforgery.IsRequestValidAsync(context))
        {
            return Results.StatusCode(StatusCodes.Status400BadRequest);
        }

        var origin = context.Request.Headers.Origin is { Count: 1 } named ? named.ToString() : null;
        return Results.Text(tickets.Issue(caller, origin), "text/plain");
    }
}
