namespace Aspire.Hosting;

/// <summary>How the services of AgentStream are called, where they listen, and how many there are.</summary>
public sealed class AgentStreamHostingOptions
{
    /// <summary>The name of the API's resource. Default: that of AgentStream with <c>-api</c>.</summary>
    public string? ApiName { get; set; }

    /// <summary>The name of the pages' resource. Default: that of AgentStream with <c>-web</c>.</summary>
    public string? WebName { get; set; }

    /// <summary>The API's port. Default: one that is free.</summary>
    public int? ApiPort { get; set; }

    /// <summary>The pages' port. Default: one that is free.</summary>
    public int? WebPort { get; set; }

    /// <summary>How many API servers there are, where they are a project of the solution. Default: 1.</summary>
    public int ApiReplicas { get; set; } = 1;
}
