namespace AgentStream.Worker.Models;

/// <summary>One provider of models: section <c>AgentStream:Models:{name}</c>. Which settings matter depends on the type.</summary>
public sealed class ModelOptions
{
    /// <summary><c>openai</c> (and whatever speaks its protocol), <c>demo</c> or <c>scripted</c>. Default: the section's own name.</summary>
    public string? Type { get; set; }

    /// <summary>The model's id. Default for <c>openai</c>: <c>MODEL_NAME</c>, or else gpt-4o-mini.</summary>
    public string? Model { get; set; }

    /// <summary>Where an OpenAI-compatible server listens, with its <c>/v1</c>. Default: <c>OPENAI_API_BASE</c>, or else OpenAI itself.</summary>
    public string? BaseAddress { get; set; }

    /// <summary>The key. Default: <c>OPENAI_API_KEY</c>, unless <see cref="BaseAddress"/> is set here: a key never goes to a server that it was not meant for.</summary>
    public string? ApiKey { get; set; }

    /// <summary>How often a call is repeated before anything of its reply was seen. 0 to 10, default 2; more helps against short outages and makes people wait in long ones.</summary>
    public int MaxRetries { get; set; } = 2;

    /// <summary>The first pause between two attempts; later ones double, with jitter. Default half a second.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest pause; a provider that asks for a longer one (<c>Retry-After</c>) is not waited for, and the run fails with its reason. Default 30 seconds.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a server may be silent in mid-reply. Default 10 minutes: local models read long prompts slowly.</summary>
    public TimeSpan NetworkTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary><c>demo</c>: words a second; 0: as fast as possible. Default 30, a pace that people can follow.</summary>
    public double TokensPerSecond { get; set; } = 30;

    /// <summary><c>scripted</c>: the plan to play, as docs/scripted-model.md describes it. Relative to the working directory.</summary>
    public string? ScriptPath { get; set; }
}
