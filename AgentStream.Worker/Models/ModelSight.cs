namespace AgentStream.Worker.Models;

/// <summary>What models take in beside text, told by their ids where nobody has said it (<see cref="ModelOptions.SeesImages"/>).</summary>
/// <remarks>A model that is asked with what it does not take refuses the whole message: one that nobody knows gets text alone.</remarks>
internal static class ModelSight
{
    private static readonly string[] WithImages =
    [
        "gemini", "gemma-3", "gemma3", "gemma-4", "gemma4", "llama-4", "llama4", "pixtral", "llava", "vision", "-vl", "2.5vl",
        "minicpm-v", "mistral-medium", "grok-4",
    ];

    private static readonly string[] WithPdf = ["claude", "gpt-4o", "gpt-4.1", "gpt-5", "o4-mini"];

    public static bool SeesImages(string modelId) => ReadsPdf(modelId) || Is(modelId, WithImages);

    public static bool ReadsPdf(string modelId) => Is(modelId, WithPdf);

    private static bool Is(string modelId, string[] names)
        => Array.Exists(names, name => modelId.Contains(name, StringComparison.OrdinalIgnoreCase));
}
