using System.Globalization;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Wires.OpenAI;

/// <summary>Answers that both OpenAI wires give alike.</summary>
internal static class OpenAIResults
{
    private const string ShouldRetry = "x-should-retry";

    /// <summary>Says with which statuses an endpoint answers errors, in OpenAI's shape.</summary>
    public static TBuilder WithErrors<TBuilder>(this TBuilder builder, params ReadOnlySpan<int> statuses)
        where TBuilder : IEndpointConventionBuilder
    {
        foreach (var status in (int[])[StatusCodes.Status401Unauthorized, .. statuses])
        {
            var metadata = new ProducesResponseTypeMetadata(status, typeof(OpenAIErrorBody), ["application/json"]);
            builder.Add(endpoint => endpoint.Metadata.Add(metadata));
        }

        return builder;
    }

    /// <summary>Names the run's message in the transcript, for who wants to look at it, or has to answer what it asks.</summary>
    public static void Name(HttpContext context, FoundRun run)
    {
        var before = run.Message.Seq.Next.Value.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers.Location = $"{context.Request.PathBase}/api/sessions/{run.SessionId}?before={before}&limit=1";
    }

    /// <summary>Tells clients that try again by themselves not to: without a key, the same request starts another run.</summary>
    public static void ForbidRetry(HttpContext context) => context.Response.Headers[ShouldRetry] = "false";

    /// <summary>The end of a run that has no answer, where nothing was sent yet.</summary>
    public static IResult Failed(HttpContext context, TranscriptMessage message)
    {
        ForbidRetry(context);
        var error = message.Status == MessageStatus.Cancelled
            ? OpenAIError.Cancelled
            : OpenAIError.Failed(message.Error, message.ErrorCode);
        return ApiResults.Json(
            new OpenAIErrorBody { Error = error }, OpenAIJson.Wire.OpenAIErrorBody, StatusCodes.Status422UnprocessableEntity);
    }
}
