using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentStream.Api.Commands;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Wires.JsonRpc;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.Mcp;

/// <summary>Answers to requests of MCP, as its revision wants them.</summary>
internal static class McpAnswers
{
    public static McpImplementation Server { get; } = new("AgentStream", typeof(McpAnswers).Assembly.GetName().Version!.ToString(3));

    /// <summary>An answer with a result.</summary>
    public static RpcAnswer Of<T>(McpRevision revision, JsonElement id, T result, JsonTypeInfo<T> typeInfo)
        where T : McpResult
    {
        if (revision.IsWithoutSessions)
        {
            result.ResultType ??= "complete";
            result.Meta ??= new McpMeta { ServerInfo = Server };
        }

        return new RpcAnswer { Id = id, Result = JsonSerializer.SerializeToElement(result, typeInfo) };
    }

    /// <summary>An answer with our reason.</summary>
    public static RpcAnswer Of(JsonElement? id, Refusal refusal)
        => Of(id, CodeOf(refusal), refusal.Message, JsonSerializer.SerializeToElement(
            new McpErrorCode(refusal.Code), McpJson.Wire.McpErrorCode));

    public static RpcAnswer Of(JsonElement? id, int code, string message, JsonElement? data = null)
        => new() { Id = id, Error = new RpcError(code, message) { Data = data } };

    /// <summary>An answer as the whole body of a response.</summary>
    public static IResult Body(RpcAnswer answer, int status = StatusCodes.Status200OK)
        => ApiResults.Json(answer, McpJson.Wire.RpcAnswer, status);

    private static int CodeOf(Refusal refusal) => refusal.Code switch
    {
        ErrorCodes.InvalidJson => RpcError.ParseError,
        ErrorCodes.InvalidFrame or ErrorCodes.UnsupportedMediaType or ErrorCodes.BodyTooLarge => RpcError.InvalidRequest,
        ErrorCodes.SessionNotFound or ErrorCodes.UnknownAgent or ErrorCodes.UnknownRun or ErrorCodes.InvalidId => RpcError.InvalidParams,
        _ => RpcError.InternalError,
    };
}

/// <summary>What is refused before a message is read, as its answer.</summary>
internal sealed class McpErrors : IErrorShape
{
    public static McpErrors Shape { get; } = new();

    public Task WriteAsync(HttpContext context, Refusal refusal)
        => JsonSerializer.SerializeAsync(
            context.Response.Body, McpAnswers.Of(RpcRequestId.Of(context), refusal), McpJson.Wire.RpcAnswer, context.RequestAborted);
}
