namespace AgentStream.Worker.Models.Wire.Refusals;

/// <summary>The subject of a refusal, as far as anything acts on it.</summary>
internal enum RefusalKind
{
    /// <summary>Nothing that is known: people get the server's own words.</summary>
    Unknown,

    /// <summary>Too many requests or tokens for the moment: it passes by itself.</summary>
    RateLimit,

    /// <summary>Money, or the quota of a day or more, is used up: waiting does not help.</summary>
    Quota,

    /// <summary>The prompt is longer than the model takes in.</summary>
    PromptTooLong,

    /// <summary>The prompt would fit, but not with a reply as long as was asked for.</summary>
    ReplyTooLong,

    /// <summary>The model, or the server as it was started, takes no tools.</summary>
    NoTools,

    /// <summary>The model does not stream.</summary>
    NoStreaming,

    /// <summary>The content was refused.</summary>
    ContentFilter,

    /// <summary>The key, or what it may do.</summary>
    Auth,

    /// <summary>There is no such model, or no such address.</summary>
    NoModel,

    /// <summary>The server is overloaded, or has failed.</summary>
    Overload,
}
