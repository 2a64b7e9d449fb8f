using AgentStream.Api.Commands;
using AgentStream.Api.Http.Bodies;

namespace AgentStream.Api.Wires.UiMessages;

/// <summary>Refusals as plain sentences: the chat shows the whole body as its error.</summary>
internal sealed class UiMessageErrors : IErrorShape
{
    public static UiMessageErrors Shape { get; } = new();

    public string MediaType => "text/plain; charset=utf-8";

    public Task WriteAsync(HttpContext context, Refusal refusal)
        => context.Response.WriteAsync(refusal.Message, context.RequestAborted);
}
