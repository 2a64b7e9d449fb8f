using AgentStream.Access;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AgentStream.Web.SignIn;

internal static class SignInRegistration
{
    /// <summary>Has people sign in, in the ways that are configured; without any, nobody is asked.</summary>
    public static void AddSignIn(this IHostApplicationBuilder builder)
    {
        builder.AddAgentStreamAccess();
        builder.Services.AddHttpContextAccessor();
        builder.Services.TryAddSingleton<SignInAttempts>();
        if (AccessWays.In(builder.Configuration).OpenIdConnect)
        {
            builder.Services.AddAuthentication().AddOpenIdConnect(ProviderSignIn.Scheme, _ => { });
            builder.Services.TryAddSingleton<LogoutTokens>();
            builder.Services.TryAddEnumerable(
                ServiceDescriptor.Singleton<IConfigureOptions<OpenIdConnectOptions>, ProviderSignIn>());
        }
    }

    /// <summary>Maps the way to the provider, and the tickets for the page's own requests.</summary>
    public static void MapSignIn(this IEndpointRouteBuilder endpoints)
    {
        var ways = endpoints.ServiceProvider.GetRequiredService<AccessWays>();
        if (ways.Any)
        {
            TicketEndpoint.Map(endpoints);
        }

        if (ways.OpenIdConnect)
        {
            ProviderEndpoint.Map(endpoints);
            BackChannelEndpoint.Map(endpoints);
        }
    }
}
