using AgentStream.ServiceDefaults;

namespace AgentStream.Web;

/// <summary>The pages keep nothing: they know where the API is.</summary>
internal static class WebAnnouncement
{
    public static Announcement Of(IServiceProvider services, IReadOnlyList<string> addresses)
    {
        var api = services.GetRequiredService<ApiAddress>();
        return new(
            $"The pages of AgentStream run. Open {string.Join(", ", addresses)} in a browser",
            "The models are those of the workers: the page lists their agents",
            $"Sessions are kept by the API, for browsers at {(api.ForBrowsers.Length > 0 ? api.ForBrowsers : "the pages' own address")}, "
                + $"for this server at {api.ForServer()}");
    }
}
