namespace AgentStream.AppHost;

/// <summary>
/// The target that the application is published to. Publishing.cs knows the targets; it is built with <c>AspirePublishing=true</c> only.
/// </summary>
internal static partial class PublishTarget
{
    /// <summary>The sentence for somebody who publishes with a build that knows no target.</summary>
    public const string NotBuilt =
        "This build can't publish containers: set the environment variable AspirePublishing to true (or build with "
        + "-p:AspirePublishing=true) and publish again.";

    /// <summary>Adds the target, and says whether there is one. Aspire's manifest needs none.</summary>
    public static bool IsChosen(IDistributedApplicationBuilder builder)
    {
        // Asked for by name: the execution context says "manifest" also where nobody named a publisher.
        if (builder.Configuration["Publishing:Publisher"] is "manifest" || builder.Configuration["AppHost:Operation"] is "inspect")
        {
            return true;
        }

        Add(builder);
        return builder.Resources.OfType<IComputeEnvironmentResource>().Any();
    }

    static partial void Add(IDistributedApplicationBuilder builder);
}
