using AgentStream.Messaging.Telemetry;
using AgentStream.ServiceDefaults;
using AgentStream.Worker.Models;

namespace AgentStream.Standalone;

/// <summary>Everything is here.</summary>
internal static class StandaloneAnnouncement
{
    public static Announcement Of(IServiceProvider services, IReadOnlyList<string> addresses) => new(
        $"AgentStream runs. Open {addresses[^1]} in a browser; clients connect to {addresses[0]}",
        $"The model is {services.GetRequiredService<ModelCatalog>().Resolve(null).DisplayName}",
        $"Sessions are kept in {services.GetRequiredService<StoreSystem>().Place}");
}
