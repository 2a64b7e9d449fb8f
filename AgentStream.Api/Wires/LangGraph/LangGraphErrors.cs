using System.Text.Json;
using AgentStream.Api.Commands;
using AgentStream.Api.Http.Bodies;

namespace AgentStream.Api.Wires.LangGraph;

/// <summary>Refusals as this API has them: the sentence is <c>detail</c>.</summary>
internal sealed class LangGraphErrors : IErrorShape
{
    public static LangGraphErrors Shape { get; } = new();

    public Task WriteAsync(HttpContext context, Refusal refusal)
        => JsonSerializer.SerializeAsync(
            context.Response.Body, new LangGraphError(refusal.Message, refusal.Code), LangGraphJson.Wire.LangGraphError,
            context.RequestAborted);
}
