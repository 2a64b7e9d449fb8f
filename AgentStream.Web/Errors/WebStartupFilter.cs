using AgentStream.Web.Security;

namespace AgentStream.Web.Errors;

/// <summary>
/// Goes around the whole pipeline: headers on every answer, nothing under a foreign name, the chat compressed, and for people
/// (a browser that asks for HTML) a page instead of an empty error or an exception. Programs get what the API's own error handling says.
/// </summary>
internal sealed class WebStartupFilter : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.UseMiddleware<SecurityHeadersMiddleware>();
        app.UseMiddleware<HostMiddleware>();
        app.UseWhen(AsksForAPage, pages =>
        {
            pages.UseExceptionHandler("/error");
            pages.UseStatusCodePagesWithReExecute("/error", "?status={0}");
        });
        app.UseWhen(AsksForTheChat, chat => chat.UseResponseCompression());
        next(app);
    };

    // Not the classic page: it has a token, beside words that others may have chosen.
    private static bool AsksForTheChat(HttpContext context) =>
        context.Request.Path == "/" || context.Request.Path.StartsWithSegments("/chat", StringComparison.OrdinalIgnoreCase);

    private static bool AsksForAPage(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
        && !context.Request.Path.StartsWithSegments("/ws", StringComparison.OrdinalIgnoreCase)
        && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}
