namespace AgentStream.Worker.Models.OpenAICompatible;

/// <summary>
/// The name of a provider in telemetry (<c>gen_ai.provider.name</c>):
/// many who speak OpenAI's protocol have a name of their own in the conventions, and it must be used where it fits.
/// </summary>
internal static class TelemetryNames
{
    private static readonly (string Host, string Name)[] Known =
    [
        ("openai.azure.com", "azure.ai.openai"),
        ("services.ai.azure.com", "azure.ai.inference"),
        ("models.ai.azure.com", "azure.ai.inference"),
        ("api.cohere.ai", "cohere"),
        ("api.cohere.com", "cohere"),
        ("api.deepseek.com", "deepseek"),
        ("generativelanguage.googleapis.com", "gcp.gemini"),
        ("aiplatform.googleapis.com", "gcp.vertex_ai"),
        ("api.groq.com", "groq"),
        ("api.mistral.ai", "mistral_ai"),
        ("api.openai.com", "openai"),
        ("api.perplexity.ai", "perplexity"),
        ("api.x.ai", "x_ai"),
    ];

    /// <summary>By its host; a server that nobody knows is called after the protocol that it speaks.</summary>
    public static string Of(OpenAIPreset preset, Uri address)
        => Array.Find(Known, known => IsOrIsBelow(address.Host, known.Host)).Name ?? preset.TelemetryName;

    // Azure and Vertex put the customer's name or the region before it: my-resource.openai.azure.com,
    // europe-west4-aiplatform.googleapis.com.
    private static bool IsOrIsBelow(string host, string known)
        => host.EndsWith(known, StringComparison.OrdinalIgnoreCase)
            && (host.Length == known.Length || host[^(known.Length + 1)] is '.' or '-');
}
