using System.Text.Json;
using AgentStream.Api.Commands;
using AgentStream.Api.Http.Bodies;

namespace AgentStream.Api.Wires.AgUi;

/// <summary>Refusals as JSON, which the client puts beside the error that it throws.</summary>
internal sealed class AgUiErrors : IErrorShape
{
    public static AgUiErrors Shape { get; } = new();

    public Task WriteAsync(HttpContext context, Refusal refusal)
        => JsonSerializer.SerializeAsync(
            context.Response.Body, new AgUiError(refusal.Code, refusal.Message), AgUiJson.Wire.AgUiError, context.RequestAborted);
}
