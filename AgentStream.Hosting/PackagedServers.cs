using System.Reflection;
using Aspire.Hosting;

namespace AgentStream.Hosting;

/// <summary>The programs of API and pages, which the package brings.</summary>
internal static class PackagedServers
{
    // What build/AgentStream.Hosting.targets writes into the AppHost's assembly.
    private const string Key = "agentstreamservers";

    /// <summary>The folder in which they are.</summary>
    /// <exception cref="InvalidOperationException">There is none, or the application is published.</exception>
    public static string Folder(IDistributedApplicationBuilder builder)
    {
        if (builder.ExecutionContext.IsPublishMode)
        {
            throw new InvalidOperationException(
                "AgentStream's packaged servers run here only. To publish them, add projects of them to the solution, and "
                + "AddAgentStream<Projects.…, Projects.…>(name).");
        }

        return builder.AppHostAssembly?.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(data => data.Key == Key)?.Value
            ?? throw new InvalidOperationException(
                "The AppHost does not know where AgentStream's servers are: it needs a PackageReference to AgentStream.Hosting.");
    }
}
