namespace AgentStream.Worker.Models.OpenAICompatible;

/// <summary>A provider that speaks OpenAI's chat completions protocol, with what goes without saying for it.</summary>
/// <param name="Type">What <see cref="ModelOptions.Type"/> says.</param>
/// <param name="TelemetryName">Its <c>gen_ai.provider.name</c>.</param>
/// <param name="Address">Where it listens unless told otherwise.</param>
/// <param name="AddressVariable">The usual environment variable with the address; null: there is none.</param>
/// <param name="KeyVariable">The usual environment variable with the key; null: it wants none.</param>
/// <param name="ModelVariable">The usual environment variable with the model; null: there is none.</param>
/// <param name="DefaultModel">The model where none is named.</param>
internal sealed record OpenAIPreset(
    string Type,
    string TelemetryName,
    Uri Address,
    string? AddressVariable,
    string? KeyVariable,
    string? ModelVariable,
    string DefaultModel)
{
    /// <summary>OpenAI itself, and every server that speaks its protocol (vLLM, llama.cpp, OpenRouter, Azure, ...).</summary>
    public static readonly OpenAIPreset OpenAI = new(
        "openai", "openai", new Uri("https://api.openai.com/v1"), "OPENAI_API_BASE", WellKnownModels.OpenAIKey, "MODEL_NAME",
        "gpt-4o-mini");

    public static readonly OpenAIPreset Groq = new(
        "groq", "groq", new Uri("https://api.groq.com/openai/v1"), null, WellKnownModels.GroqKey, null, "openai/gpt-oss-20b");

    public static readonly OpenAIPreset Ollama = new(
        "ollama", "ollama", new Uri("http://localhost:11434/v1"), "OLLAMA_HOST", null, null, "qwen3")
    {
        ModelHint = "its name (ollama pull fetches it)",
        AddressNeedsPath = false,
    };

    /// <summary>The place to look at when the model is not known; null: the setting that names it.</summary>
    public string? ModelHint { get; init; }

    /// <summary>The variable has the address with its <c>/v1</c>.</summary>
    public bool AddressNeedsPath { get; init; } = true;

    /// <summary>
    /// The address as the variable gives it: Ollama's is often without scheme and path (<c>0.0.0.0:11434</c>), as its server reads it.
    /// </summary>
    public string? ReadAddress(string? variable) => this switch
    {
        _ when variable is null => null,
        { Type: "ollama" } => OllamaAddress(variable),
        _ => variable,
    };

    private static string OllamaAddress(string host)
    {
        var full = host.Contains("://", StringComparison.Ordinal) ? host : $"http://{host}";
        if (!Uri.TryCreate(full, UriKind.Absolute, out var uri))
        {
            return host;
        }

        var builder = new UriBuilder(uri)
        {
            // What the server listens on everywhere is asked for here.
            Host = uri.Host == "0.0.0.0" ? "127.0.0.1" : uri.Host,
            Port = uri.IsDefaultPort && !host.Contains("://", StringComparison.Ordinal) ? 11434 : uri.Port,
            Path = uri.AbsolutePath == "/" ? "/v1" : uri.AbsolutePath,
        };
        return builder.Uri.ToString();
    }
}
