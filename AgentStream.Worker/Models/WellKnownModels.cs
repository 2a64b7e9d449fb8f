namespace AgentStream.Worker.Models;

/// <summary>The environment variables that people have set already.</summary>
internal static class WellKnownModels
{
    public const string OpenAIKey = "OPENAI_API_KEY";

    public const string AnthropicKey = "ANTHROPIC_API_KEY";

    public const string GroqKey = "GROQ_API_KEY";

    /// <summary>
    /// The variable that a provider without a preset's name is looked for in: <c>openrouter</c> → <c>OPENROUTER_API_KEY</c>,
    /// <c>azure-openai</c> → <c>AZURE_OPENAI_API_KEY</c>.
    /// </summary>
    public static string KeyVariableOf(string name) =>
        $"{string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? char.ToUpperInvariant(letter) : '_'))}_API_KEY";
}
