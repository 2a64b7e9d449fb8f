namespace AgentStream.Worker.Models.Wire;

/// <summary>The things that people are told to look at, in the words of the settings that this provider has.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="Key">The setting with its key.</param>
/// <param name="Model">The setting with its model.</param>
/// <param name="Base">The setting with its address, and how it usually looks.</param>
internal sealed record ProviderHints(Uri Address, string Key, string Model, string Base)
{
    /// <summary>Its server, as people know it.</summary>
    public string Host { get; init; } = HostOf(Address);

    public static string HostOf(Uri address) => address.IsDefaultPort ? address.Host : $"{address.Host}:{address.Port}";
}
