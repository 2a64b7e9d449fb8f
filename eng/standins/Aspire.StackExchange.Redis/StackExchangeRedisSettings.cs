namespace Aspire.StackExchange.Redis;

/// <summary>How the client is wired. Section <c>Aspire:StackExchange:Redis</c>; the connection string also from <c>ConnectionStrings</c>, which wins.</summary>
public sealed class StackExchangeRedisSettings
{
    /// <summary>Where the server is, in the client's own form: <c>host:port,password=…,ssl=true</c>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Leave the health check out.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Here for the signature: the stand-in traces nothing.</summary>
    public bool DisableTracing { get; set; }
}
