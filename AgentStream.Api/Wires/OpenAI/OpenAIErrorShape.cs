using AgentStream.Api.Commands;
using AgentStream.Api.Http.Bodies;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.OpenAI;

/// <summary>Errors as OpenAI's clients read them, with statuses that those do not take for a reason to try again.</summary>
internal sealed class OpenAIErrorShape : IErrorShape
{
    public static OpenAIErrorShape Instance { get; } = new();

    // The clients send a request again after 408, 409, 429 and 5xx: a conflict would stay one.
    public int StatusOf(int status, Refusal refusal) => refusal.Code switch
    {
        ErrorCodes.UnknownAgent => StatusCodes.Status404NotFound,
        ErrorCodes.Conflict => StatusCodes.Status422UnprocessableEntity,
        _ => status == StatusCodes.Status409Conflict ? StatusCodes.Status400BadRequest : status,
    };

    public Task WriteAsync(HttpContext context, Refusal refusal)
        => context.Response.WriteAsJsonAsync(
            new OpenAIErrorBody { Error = OpenAIError.Of(refusal) }, OpenAIJson.Wire.OpenAIErrorBody,
            cancellationToken: context.RequestAborted);
}
