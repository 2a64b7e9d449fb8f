using AgentStream.Api.Commands;

namespace AgentStream.Api.Http.Bodies;

/// <summary>
/// Metadata of an endpoint whose clients do not read problem details: how whatever is refused there is written,
/// also what is refused before its handler is asked.
/// </summary>
internal interface IErrorShape
{
    /// <summary>The type of the body.</summary>
    string MediaType => "application/json";

    /// <summary>The status, where clients of this endpoint take the usual one for something else.</summary>
    int StatusOf(int status, Refusal refusal) => status;

    /// <summary>Writes the body. The status, the type and the usual headers are set.</summary>
    Task WriteAsync(HttpContext context, Refusal refusal);
}
