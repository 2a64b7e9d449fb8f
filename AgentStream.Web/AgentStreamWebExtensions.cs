using AgentStream.Access;
using AgentStream.Messaging.Settings;
using AgentStream.ServiceDefaults;
using AgentStream.Web.Assets;
using AgentStream.Web.Classic;
using AgentStream.Web.Errors;
using AgentStream.Web.Markdown;
using AgentStream.Web.Security;
using AgentStream.Web.SignIn;
using Microsoft.AspNetCore.Mvc.ApplicationParts;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AgentStream.Web;

/// <summary>The two verbs that put the pages into a host.</summary>
public static class AgentStreamWebExtensions
{
    /// <summary>
    /// Adds the pages and all they need. Settings come from <c>AgentStream:Web</c> (<see cref="AgentStreamWebOptions"/>); a wrong one stops
    /// the host at start.
    /// </summary>
    /// <param name="builder">A web application that is being built.</param>
    /// <exception cref="InvalidOperationException">The host is not a web host.</exception>
    public static IHostApplicationBuilder AddAgentStreamWeb(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);

        var environment = builder.Environment as IWebHostEnvironment
            ?? throw new InvalidOperationException("The pages need a web host: make the builder with WebApplication.CreateBuilder(args).");
        StaticAssetFiles.UseFilesBesideTheProgram(environment);
        builder.AddEmbeddedDefaults(typeof(AgentStreamWebExtensions).Assembly, StaticAssetFiles.Defaults);

        var services = builder.Services;
        services.AddOptions<AgentStreamWebOptions>().Configure<IConfiguration>(Bind).PostConfigure(SetDefaults).ValidateOnStart();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<AgentStreamWebOptions>, AgentStreamWebOptionsValidator>());
        services.TryAddSingleton<ApiAddress>();
        services.TryAddSingleton<ContentSecurityPolicy>();
        services.TryAddEnumerable(ServiceDescriptor.Transient<IStartupFilter, WebStartupFilter>());
        services.AddResponseCompression(options =>
        {
            options.MimeTypes = ["text/html"];
            // Used for the chat alone, which has no secret in it that the size of an answer could tell.
            options.EnableForHttps = true;
        });
        services.Configure<RouteOptions>(options => options.SetParameterPolicy<SessionIdConstraint>(SessionIdConstraint.Name));
        services.Configure<KestrelServerOptions>(options => options.AddServerHeader = false);
        services.AddClassicChatClient();
        builder.AddSignIn();
        services.AddAntiforgery(options =>
        {
            // The policy's frame-ancestors says the same, and more strictly.
            options.SuppressXFrameOptionsHeader = true;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        services.AddRazorPages(AddConventions)
            .ConfigureApplicationPartManager(AddOwnPages);
        return builder;
    }

    /// <summary>Maps the pages, their scripts and their styles.</summary>
    /// <param name="endpoints">The application.</param>
    /// <returns>The pages' convention builder, for the host's own policies.</returns>
    /// <exception cref="InvalidOperationException"><see cref="AddAgentStreamWeb"/> was not called.</exception>
    public static IEndpointConventionBuilder MapAgentStreamWeb(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);

        // Only asked for, not made: wrong settings are to show at start, where all of them are checked.
        if (!endpoints.ServiceProvider.GetRequiredService<IServiceProviderIsService>().IsService(typeof(ContentSecurityPolicy)))
        {
            throw new InvalidOperationException(
                "The pages are mapped but not registered; add this line before Build(): builder.AddAgentStreamWeb();");
        }

        if (endpoints is IApplicationBuilder app)
        {
            app.UseAgentStreamAccess();
        }

        var environment = endpoints.ServiceProvider.GetRequiredService<IWebHostEnvironment>();
        var manifest = StaticAssetFiles.EndpointsManifest(environment);
        endpoints.MapStaticAssets(manifest).WithoutSpan();
        endpoints.MapMarkdown();
        endpoints.MapSignIn();
        return endpoints.MapRazorPages()
            .WithStaticAssets(manifest)
            .WithOwnModules(endpoints.ServiceProvider.GetRequiredService<AccessWays>().Any)
            .RequireAuthorization(AccessPolicies.Read);
    }

    private static void Bind(AgentStreamWebOptions options, IConfiguration configuration)
    {
        CheckedSettings.Bind(options, configuration, AgentStreamWebOptions.SectionName);
        options.AllowedHosts =
            [.. configuration.GetSection($"{AgentStreamWebOptions.SectionName}:{nameof(options.AllowedHosts)}")
                .GetChildren()
                .Select(item => item.Value ?? "")];
    }

    private static void AddConventions(RazorPagesOptions options)
    {
        options.Conventions.AddPageRoute("/Chat/Index", "/");
        options.Conventions.AllowAnonymousToFolder("/SignIn");
        options.Conventions.AllowAnonymousToPage("/Chat/Shared");
        options.Conventions.AllowAnonymousToPage("/Error");
    }

    // Last: whoever names one gets none of the defaults. What is no name stays as it is, for the validator to say so.
    private static void SetDefaults(AgentStreamWebOptions options) =>
        options.AllowedHosts = options.AllowedHosts.Length > 0
            ? [.. options.AllowedHosts.Select(host => HostNames.Normalise(host) ?? host)]
            : [.. HostNames.OfThisMachine];

    // Pages are looked for in the program that was started; in another host's process this assembly has to be named, but only once.
    private static void AddOwnPages(ApplicationPartManager manager)
    {
        var assembly = typeof(AgentStreamWebExtensions).Assembly;
        var known = manager.ApplicationParts.Select(part => (part.GetType(), part.Name)).ToHashSet();
        foreach (var part in ApplicationPartFactory.GetApplicationPartFactory(assembly).GetApplicationParts(assembly))
        {
            if (known.Add((part.GetType(), part.Name)))
            {
                manager.ApplicationParts.Add(part);
            }
        }
    }
}
