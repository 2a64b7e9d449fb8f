namespace AgentStream.Worker.Models;

/// <summary>
/// Stable codes of what can go wrong with a model; they reach clients as <c>error_code</c>, and docs/protocol.md lists them.
/// </summary>
public static class ModelErrorCode
{
    /// <summary>No key, or a key that the provider refuses.</summary>
    public const string Auth = "model_auth";

    /// <summary>No such model, or no such address.</summary>
    public const string NotFound = "model_not_found";

    /// <summary>Too many requests for the moment.</summary>
    public const string RateLimited = "model_rate_limited";

    /// <summary>The quota or the credit is used up: waiting does not help.</summary>
    public const string Quota = "model_quota";

    /// <summary>The conversation is longer than the model can read.</summary>
    public const string ContextOverflow = "model_context_overflow";

    /// <summary>The provider's content filter refused.</summary>
    public const string ContentFilter = "model_content_filter";

    /// <summary>The provider refused the request as it is: a setting that this model does not take, for one.</summary>
    public const string Refused = "model_refused";

    /// <summary>Not reachable, overloaded, gone quiet, or the reply broke off.</summary>
    public const string Unavailable = "model_unavailable";

    /// <summary>Anything else.</summary>
    public const string Error = "model_error";
}
