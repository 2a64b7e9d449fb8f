using System.Text.Json.Serialization.Metadata;
using AgentStream.Api.Commands;

namespace AgentStream.Api.Http.Bodies;

/// <summary>Turns the answers of commands into answers over HTTP.</summary>
internal static class ApiResults
{
    public static IResult Json<T>(T value, JsonTypeInfo<T> typeInfo, int status = StatusCodes.Status200OK)
        => TypedResults.Json(value, typeInfo, statusCode: status);

    public static IResult Refused(Refusal refusal) => new ProblemResult(refusal);
}
