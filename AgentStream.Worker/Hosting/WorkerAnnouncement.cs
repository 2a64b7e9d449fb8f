using AgentStream.Messaging.Telemetry;
using AgentStream.ServiceDefaults;
using AgentStream.Worker.Models;
using Microsoft.Extensions.Options;

namespace AgentStream.Worker.Hosting;

/// <summary>A worker knows models; its address is for probes alone.</summary>
internal static class WorkerAnnouncement
{
    public static Announcement Of(IServiceProvider services, IReadOnlyList<string> addresses) => new(
        $"A worker of AgentStream runs, with up to {services.GetRequiredService<IOptions<WorkerOptions>>().Value.MaxConcurrentRuns} runs "
            + $"at once. Probes ask {string.Join(", ", addresses)}",
        $"The model is {services.GetRequiredService<ModelCatalog>().Resolve(null).DisplayName}",
        $"Runs come from, and sessions are kept in, {services.GetRequiredService<StoreSystem>().Place}");
}
