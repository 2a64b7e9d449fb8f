using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Hosting;

namespace AgentStream.ServiceDefaults;

/// <summary>Settings that travel inside an assembly, below everything that an operator can set.</summary>
internal static class EmbeddedDefaults
{
    /// <summary>
    /// Adds a JSON resource of <paramref name="assembly"/> as the source with the lowest priority: files, environment, user secrets and
    /// command line all win over it.
    /// </summary>
    /// <param name="builder">The host that is being built.</param>
    /// <param name="assembly">The assembly that carries the resource.</param>
    /// <param name="resourceName">The resource's logical name, such as <c>defaults.json</c>.</param>
    /// <exception cref="InvalidOperationException">The assembly has no such resource.</exception>
    public static IHostApplicationBuilder AddEmbeddedDefaults(this IHostApplicationBuilder builder, Assembly assembly, string resourceName)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(assembly);
        ArgumentException.ThrowIfNullOrEmpty(resourceName);

        using var resource = assembly.GetManifestResourceStream(resourceName)
            ?? throw new InvalidOperationException(
                $"{assembly.GetName().Name} carries no resource named {resourceName}; add it to the project as an EmbeddedResource with "
                    + "that LogicalName.");
        builder.Configuration.Sources.Insert(0, new ResourceSource(ReadAll(resource)));
        return builder;
    }

    private static byte[] ReadAll(Stream resource)
    {
        using var copy = new MemoryStream();
        resource.CopyTo(copy);
        return copy.ToArray();
    }

    // A configuration manager rebuilds all its providers whenever a source is inserted,
    // and a JsonStreamConfigurationSource can be read only once: so the bytes are kept and every provider reads a stream of its own.
    private sealed class ResourceSource(byte[] json) : IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) =>
            new JsonStreamConfigurationProvider(new JsonStreamConfigurationSource { Stream = new MemoryStream(json, writable: false) });
    }
}
