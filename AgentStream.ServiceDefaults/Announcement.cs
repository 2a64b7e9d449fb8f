namespace AgentStream.ServiceDefaults;

/// <summary>Describes a service that runs, in three sentences.</summary>
/// <param name="Where">What runs, and where it is to be found.</param>
/// <param name="Model">With which model, or who knows that.</param>
/// <param name="Store">Where sessions are kept, or who keeps them.</param>
internal sealed record Announcement(string Where, string Model, string Store);
