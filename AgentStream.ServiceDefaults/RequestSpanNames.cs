using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace AgentStream.ServiceDefaults;

/// <summary>Stands around all that a service does with a request, and has its span say what it was.</summary>
internal sealed class RequestSpanNames : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(DescribeAsync);
        next(app);
    };

    private static async Task DescribeAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception failure)
        {
            RequestSpans.Describe(context, failure);
            throw;
        }

        RequestSpans.Describe(context, null);
    }
}
