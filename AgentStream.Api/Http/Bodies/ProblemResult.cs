using System.Globalization;
using AgentStream.Api.Commands;
using AgentStream.Messaging.Protocol;
using Microsoft.AspNetCore.WebUtilities;

namespace AgentStream.Api.Http.Bodies;

/// <summary>A refusal as an answer over HTTP.</summary>
internal sealed class ProblemResult(Refusal refusal) : IResult
{
    private const string MediaType = "application/problem+json";
    private const int RetryAfterSeconds = 5;

    public static ProblemResult StoreUnavailable { get; } =
        new(new Refusal(
            ErrorCodes.StoreUnavailable,
            "The session store can't be reached: ask again in a little while; a message under the same message_id is never taken twice."));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var shape = httpContext.GetEndpoint()?.Metadata.GetMetadata<IErrorShape>();
        var status = StatusOf(refusal.Code);
        status = shape?.StatusOf(status, refusal) ?? status;
        var response = httpContext.Response;
        response.StatusCode = status;
        response.Headers.CacheControl = "no-store";
        if (status is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status429TooManyRequests)
        {
            response.Headers.RetryAfter = (refusal.RetryAfterSeconds ?? RetryAfterSeconds).ToString(CultureInfo.InvariantCulture);
        }

        if (status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        if (shape is not null)
        {
            response.ContentType = shape.MediaType;
            await shape.WriteAsync(httpContext, refusal);
            return;
        }

        response.ContentType = MediaType;
        var problem = new Problem
        {
            Type = $"urn:agentstream:error:{refusal.Code}",
            Title = ReasonPhrases.GetReasonPhrase(status),
            Status = status,
            Detail = refusal.Message,
        };
        await response.WriteAsJsonAsync(problem, ApiJson.Wire.Problem, MediaType, httpContext.RequestAborted);
    }

    private static int StatusOf(string code) => code switch
    {
        ErrorCodes.Unauthenticated => StatusCodes.Status401Unauthorized,
        ErrorCodes.Forbidden or ErrorCodes.OriginNotAllowed or ErrorCodes.HostNotAllowed => StatusCodes.Status403Forbidden,
        ErrorCodes.SessionNotFound or ErrorCodes.UnknownRun or ErrorCodes.NoSuchApproval or ErrorCodes.NoSuchLink
            or ErrorCodes.NoSuchAttachment or ErrorCodes.NotFound => StatusCodes.Status404NotFound,
        ErrorCodes.MethodNotAllowed => StatusCodes.Status405MethodNotAllowed,
        ErrorCodes.Conflict or ErrorCodes.Busy or ErrorCodes.NothingToCancel or ErrorCodes.AlreadyAnswered
            or ErrorCodes.TooManyLinks => StatusCodes.Status409Conflict,
        ErrorCodes.BodyTooLarge => StatusCodes.Status413PayloadTooLarge,
        ErrorCodes.UnsupportedMediaType => StatusCodes.Status415UnsupportedMediaType,
        ErrorCodes.UpgradeRequired => StatusCodes.Status426UpgradeRequired,
        ErrorCodes.QueueFull or ErrorCodes.RateLimited or ErrorCodes.RunLimit or ErrorCodes.SessionLimit or ErrorCodes.StorageLimit
            or ErrorCodes.BudgetSpent => StatusCodes.Status429TooManyRequests,
        ErrorCodes.InternalError => StatusCodes.Status500InternalServerError,
        ErrorCodes.StoreUnavailable or ErrorCodes.TooManyConnections or ErrorCodes.ShuttingDown => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status400BadRequest,
    };
}
