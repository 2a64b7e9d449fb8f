using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Scripted;

/// <summary>The failures of a plan, as a real server's would be explained.</summary>
internal static class ScriptedErrors
{
    public static ModelException Explain(Exception exception, ChatOptions? options) => exception as ModelException
        ?? new ModelException(ModelErrorCode.Unavailable, "The scripted reply broke off.", exception) { IsTransient = true };

    public static ModelException OfStatus(int status, TimeSpan? retryAfter) => status switch
    {
        401 or 403 => new ModelException(ModelErrorCode.Auth, "The script refuses the key."),
        404 => new ModelException(ModelErrorCode.NotFound, "The script knows no such model."),
        429 => new ModelException(ModelErrorCode.RateLimited, "The script gets too many requests.")
        {
            IsTransient = true,
            RetryAfter = retryAfter,
        },
        408 or >= 500 =>
            new ModelException(ModelErrorCode.Unavailable, "The script is not available.") { IsTransient = true, RetryAfter = retryAfter },
        _ => new ModelException(ModelErrorCode.Error, "The script refuses the request."),
    };

    /// <summary>The run went further than the plan: asking again would not help.</summary>
    public static ModelException Exhausted(int reply) =>
        new(ModelErrorCode.Error, $"The script has no reply {reply + 1} to this message.");
}
