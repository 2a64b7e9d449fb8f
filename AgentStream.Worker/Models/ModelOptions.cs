using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models;

/// <summary>One provider of models: section <c>AgentStream:Models:{name}</c>. Which settings matter depends on the type.</summary>
public sealed class ModelOptions
{
    /// <summary>
    /// <c>openai</c> (and whatever speaks its protocol), <c>anthropic</c>, <c>groq</c>, <c>ollama</c>, <c>demo</c> or <c>scripted</c>.
    /// Default: the section's own name.
    /// </summary>
    public string? Type { get; set; }

    /// <summary>
    /// The model's id where a reference names none.
    /// Default for <c>openai</c>: <c>MODEL_NAME</c>, or else gpt-4o-mini; docs/models.md has those of the others.
    /// </summary>
    public string? Model { get; set; }

    /// <summary>
    /// Other models of it that people are offered beside <see cref="Model"/>, separated by commas. Any model may be named all the same,
    /// where its server takes others. Default: none.
    /// </summary>
    public string Offered { get; set; } = "";

    /// <summary>Nobody has configured it: people are offered it only where it is the default one.</summary>
    internal bool IsImplied { get; init; }

    /// <summary>
    /// Where the server listens: an OpenAI-compatible one with its <c>/v1</c>, Anthropic's without.
    /// Default: <c>OPENAI_API_BASE</c>, <c>ANTHROPIC_BASE_URL</c> or <c>OLLAMA_HOST</c>, or else the provider's own.
    /// </summary>
    public string? BaseAddress { get; set; }

    /// <summary>
    /// The key.
    /// Default: the type's usual variable (<c>OPENAI_API_KEY</c>, <c>ANTHROPIC_API_KEY</c>, <c>GROQ_API_KEY</c>),
    /// unless <see cref="BaseAddress"/> is set here: a key never goes to a server that it was not meant for.
    /// Then it is the section's name in capitals with <c>_API_KEY</c>: <c>OPENROUTER_API_KEY</c> for <c>openrouter</c>.
    /// </summary>
    public string? ApiKey { get; set; }

    /// <summary>
    /// The number of times that a call is repeated before anything of its reply was seen.
    /// 0 to 10, default 2; more helps against short outages and makes people wait in long ones.
    /// </summary>
    public int MaxRetries { get; set; } = 2;

    /// <summary>The first pause between two attempts; later ones double, with jitter. Default half a second.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// The longest pause; a provider that asks for a longer one (<c>Retry-After</c>) is not waited for, and the run fails with its reason.
    /// Default a minute, which is what most limits are of.
    /// </summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The time that a server may be silent before its first token, and take for a whole reply without streaming.
    /// Default 10 minutes: local models read long prompts slowly.
    /// </summary>
    public TimeSpan NetworkTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The time that a stream may be quiet after its first token, before it is given up as broken.
    /// Default 2 minutes; less finds dead connections sooner and gives up slow models.
    /// </summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Requests to this provider at the same time, from one worker; more wait for their turn. 1 to 10,000, default 32.</summary>
    public int MaxConcurrentRequests { get; set; } = 32;

    /// <summary>
    /// <c>anthropic</c>: <c>adaptive</c> (the model decides how much it thinks), <c>off</c>, or how many tokens it may think,
    /// 1024 to 128000, for models that know no <c>adaptive</c>.
    /// Default <c>adaptive</c>; a model that refuses it is asked with 4096, and one that refuses that without.
    /// </summary>
    public string Thinking { get; set; } = "adaptive";

    /// <summary>
    /// <c>anthropic</c>: tokens of one reply, thoughts included, where the message asks for no number. 1 to 1,000,000, default 16,384.
    /// </summary>
    public int MaxOutputTokens { get; set; } = 16_384;

    /// <summary>
    /// OpenAI-compatible: the tag in which a model thinks at the beginning of its text, without brackets;
    /// what stands in it is shown as thought. Only where the server does not tell thoughts itself.
    /// Default <c>think</c>, which stands for the tags of all models that are known; <c>off</c>: text stays as it is.
    /// </summary>
    public string ThoughtTag { get; set; } = "think";

    /// <summary>
    /// OpenAI-compatible: the model's prompt template has opened <see cref="ThoughtTag"/> already,
    /// so that its text begins with the thought and only the closing tag comes.
    /// Default <c>false</c>; <c>true</c> for a model that does not close it makes its whole answer a thought.
    /// </summary>
    public bool BeginsWithThought { get; set; }

    /// <summary>
    /// Whether its models take images.
    /// Default: as their names tell (those of GPT, Claude, Gemini, and others with vision); others are told in words that there is one.
    /// </summary>
    public bool? SeesImages { get; set; }

    /// <summary>
    /// Whether its models take PDF files as they are. Default: as their names tell (GPT, Claude); others are told in words that there
    /// is one.
    /// </summary>
    public bool? ReadsPdf { get; set; }

    /// <summary><c>demo</c>: words a second; 0: as fast as possible. Default 30, a pace that people can follow.</summary>
    public double TokensPerSecond { get; set; } = 30;

    /// <summary>Makes the client of a model that a program brings; <c>null</c>: it is one of the configuration.</summary>
    internal Func<IServiceProvider, IChatClient>? Client { get; set; }

    /// <summary><c>scripted</c>: the plan to play, as docs/scripted-model.md describes it. Relative to the working directory.</summary>
    public string? ScriptPath { get; set; }
}
