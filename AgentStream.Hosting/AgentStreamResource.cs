namespace Aspire.Hosting.ApplicationModel;

/// <summary>AgentStream in an application: its API, its pages and its workers, which the dashboard shows below it.</summary>
/// <param name="name">The name, under which other services find the API: <c>http://{name}</c>.</param>
public sealed class AgentStreamResource(string name) : Resource(name)
{
    private readonly List<Part> _parts = [];
    private readonly List<Action<Part>> _needs = [];

    /// <summary>The API's address, for WebSockets, Server-Sent Events and REST.</summary>
    public EndpointReference Api { get; internal set; } = null!;

    /// <summary>The pages' address.</summary>
    public EndpointReference Web { get; internal set; } = null!;

    // Whichever comes first, a service or what all services need.
    internal void Add(Part part)
    {
        _parts.Add(part);
        _needs.ForEach(need => need(part));
    }

    internal void Need(Action<Part> need)
    {
        _needs.Add(need);
        _parts.ForEach(need);
    }

    /// <summary>One service, by what can be said of it.</summary>
    internal sealed record Part(IResourceBuilder<IResourceWithEnvironment> Settings, IResourceBuilder<IResourceWithWaitSupport> Start);
}
