using AgentStream.Api.Commands;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.OpenAI;

/// <summary>The body of an error, and of the event that ends a stream with one.</summary>
internal sealed record OpenAIErrorBody
{
    public required OpenAIError Error { get; init; }
}

/// <summary>An error as OpenAI's clients read it.</summary>
internal sealed record OpenAIError
{
    private const string Invalid = "invalid_request_error";
    private const string RunFailed = "run_failed";
    private const string ServerError = "server_error";

    /// <summary>The run was cancelled by somebody.</summary>
    public static OpenAIError Cancelled { get; } = new()
    {
        Message = "The run was cancelled.",
        Type = RunFailed,
        Code = "cancelled",
    };

    /// <summary>Text that was shown does not stand, and there are no words to take it back.</summary>
    public static OpenAIError TextLost { get; } = new()
    {
        Message = "Text that was shown is said anew, and can't be taken back here: send the request again with the same Idempotency-Key.",
        Type = ServerError,
        Code = "text_lost",
    };

    /// <summary>For people: says what to do.</summary>
    public required string Message { get; init; }

    /// <summary>The kind, one of OpenAI's own.</summary>
    public required string Type { get; init; }

    /// <summary>The field of the request that it is about.</summary>
    public string? Param { get; init; }

    /// <summary>One of ours (docs/protocol.md, error codes), or of those of runs.</summary>
    public string? Code { get; init; }

    /// <summary>Something in the request that can't be taken.</summary>
    public static Refusal Of(string message, string param) => new(ErrorCodes.InvalidOption, message, Param: param);

    /// <summary>A refusal in OpenAI's words.</summary>
    public static OpenAIError Of(Refusal refusal) => new()
    {
        Message = refusal.Message,
        Type = TypeOf(refusal.Code),
        Param = refusal.Param,
        Code = refusal.Code,
    };

    /// <summary>The end of a run that has no answer.</summary>
    public static OpenAIError Of(RunFinished finished)
        => finished.Status == RunStatus.Cancelled ? Cancelled : Failed(finished.Error, finished.ErrorCode);

    /// <summary>A run that failed.</summary>
    /// <param name="message">For people: says what to do.</param>
    /// <param name="code">One of the error codes of runs.</param>
    public static OpenAIError Failed(string? message, string? code) => new()
    {
        Message = message ?? "The run failed.",
        Type = RunFailed,
        Code = code ?? ErrorCodes.InternalError,
    };

    private static string TypeOf(string code) => code switch
    {
        ErrorCodes.Unauthenticated => "authentication_error",
        ErrorCodes.Forbidden or ErrorCodes.OriginNotAllowed or ErrorCodes.HostNotAllowed => "permission_error",
        ErrorCodes.QueueFull or ErrorCodes.RateLimited or ErrorCodes.RunLimit => "rate_limit_error",
        ErrorCodes.BudgetSpent or ErrorCodes.SessionLimit or ErrorCodes.StorageLimit => "insufficient_quota",
        ErrorCodes.InternalError or ErrorCodes.StoreUnavailable or ErrorCodes.TooManyConnections or ErrorCodes.ShuttingDown
            => ServerError,
        _ => Invalid,
    };
}
