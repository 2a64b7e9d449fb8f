using AgentStream.Messaging.Telemetry;
using AgentStream.ServiceDefaults;

namespace AgentStream.Api;

/// <summary>The API knows clients and sessions; models are the workers'.</summary>
internal static class ApiAnnouncement
{
    public static Announcement Of(IServiceProvider services, IReadOnlyList<string> addresses) => new(
        $"The API of AgentStream runs. Clients connect to {string.Join(", ", addresses)}",
        "The models are those of the workers: GET /api/agents lists them",
        $"Sessions are kept in {services.GetRequiredService<StoreSystem>().Place}");
}
