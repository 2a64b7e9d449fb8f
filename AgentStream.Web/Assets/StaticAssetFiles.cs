using Microsoft.AspNetCore.Hosting.StaticWebAssets;
using Microsoft.Extensions.FileProviders;

namespace AgentStream.Web.Assets;

/// <summary>
/// Finds the scripts and styles beside the program, wherever it is started from. ASP.NET Core looks for them under the working directory,
/// and in a built (not published) program only in the Development environment: then every asset is an empty answer with status 200.
/// </summary>
internal static class StaticAssetFiles
{
    /// <summary>
    /// The settings of ASP.NET Core without which what is built, and not published, is asked for anew with each load of a page. Its
    /// addresses change with its content there, too.
    /// </summary>
    public const string Defaults = "assets.json";

    private const string OwnName = "AgentStream.Web";

    /// <summary>Points the web root at the files; a no-op where the host has found its own.</summary>
    public static void UseFilesBesideTheProgram(IWebHostEnvironment environment)
    {
        if (Find(environment, "runtime") is { } builtManifest)
        {
            var named = new ConfigurationBuilder()
                .AddInMemoryCollection([new(WebHostDefaults.StaticWebAssetsKey, builtManifest)])
                .Build();
            StaticWebAssetsLoader.UseStaticWebAssets(environment, named);
            return;
        }

        var published = Path.Combine(AppContext.BaseDirectory, "wwwroot");
        if (Directory.Exists(published))
        {
            environment.WebRootPath = published;
            environment.WebRootFileProvider = new PhysicalFileProvider(published);
        }
    }

    /// <summary>
    /// The manifest of the assets' addresses: the host's, which contains ours, or ours where the host has none (a test host).
    /// </summary>
    /// <exception cref="InvalidOperationException">Neither is there.</exception>
    public static string EndpointsManifest(IWebHostEnvironment environment) =>
        Find(environment, "endpoints")
        ?? throw new InvalidOperationException(
            $"Neither {environment.ApplicationName}.staticwebassets.endpoints.json nor {OwnName}.staticwebassets.endpoints.json is in "
            + $"{AppContext.BaseDirectory}; the host has to be a project with Sdk=\"Microsoft.NET.Sdk.Web\" that references {OwnName}.");

    private static string? Find(IWebHostEnvironment environment, string kind) =>
        new[] { environment.ApplicationName, OwnName }
            .Select(name => Path.Combine(AppContext.BaseDirectory, $"{name}.staticwebassets.{kind}.json"))
            .FirstOrDefault(File.Exists);
}
