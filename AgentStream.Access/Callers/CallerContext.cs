using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AgentStream.Access;

/// <summary>The caller of a request.</summary>
internal static class CallerContext
{
    /// <summary>Whoever calls; <c>null</c>: nobody who is known. Where nobody is asked, everybody is <see cref="Caller.Local"/>.</summary>
    public static Caller? GetCaller(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.RequestServices.GetRequiredService<AccessWays>().Any ? Caller.From(context.User) : Caller.Local;
    }
}
