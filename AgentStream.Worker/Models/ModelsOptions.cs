namespace AgentStream.Worker.Models;

/// <summary>All providers of models, by name, and the one that answers where none is named.</summary>
public sealed class ModelsOptions
{
    public const string Section = "AgentStream:Models";

    public const string DefaultSetting = "AgentStream:DefaultModel";

    /// <summary>
    /// <c>AgentStream:DefaultModel</c>: a name, or <c>name/model</c>.
    /// Default: the first one that the program brings,
    /// or else <c>openai</c> if there is an <c>OPENAI_API_KEY</c> or an <c>OPENAI_API_BASE</c>,
    /// or else the one provider that is configured, or else <c>anthropic</c> or <c>groq</c> if there is a key for it, or else <c>demo</c>.
    /// </summary>
    public string? Default { get; set; }

    public IDictionary<string, ModelOptions> Providers { get; } = new Dictionary<string, ModelOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Providers that would be there if their key were: the name, and the variable that takes the key.</summary>
    internal Dictionary<string, string> WithoutKey { get; } = new(StringComparer.OrdinalIgnoreCase);
}
