using System.Text.Json;
using AgentStream.Api.Commands;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Wires.JsonRpc;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.A2A;

/// <summary>Errors as A2A's clients know them.</summary>
internal sealed class A2AErrors : IErrorShape
{
    private const string OurDomain = "agentstream";

    public static A2AErrors Shape { get; } = new();

    public static RpcError NoSuchTask { get; } = new(-32001, "There is no such task: it was erased, or is somebody else's.")
    {
        Data = DataOf("TASK_NOT_FOUND"),
    };

    public static RpcError NotCancelable { get; } = new(-32002, "The task is over already.") { Data = DataOf("TASK_NOT_CANCELABLE") };

    public static RpcError NoPush { get; } = new(-32003, "Nobody is called back here: subscribe to the task.")
    {
        Data = DataOf("PUSH_NOTIFICATION_NOT_SUPPORTED"),
    };

    public static RpcError NoExtendedCard { get; } = new(-32007, "There is one card for all callers.")
    {
        Data = DataOf("EXTENDED_AGENT_CARD_NOT_CONFIGURED"),
    };

    public static RpcError OtherVersion { get; } = new(-32009, $"A2A {A2AWire.Version} is spoken here.")
    {
        Data = DataOf("VERSION_NOT_SUPPORTED"),
    };

    public static RpcError Unsupported(string sentence) => new(-32004, sentence) { Data = DataOf("UNSUPPORTED_OPERATION") };

    public static RpcError NotText(string sentence) => new(-32005, sentence) { Data = DataOf("CONTENT_TYPE_NOT_SUPPORTED") };

    public static RpcError Invalid(string sentence) => new(RpcError.InvalidParams, sentence) { Data = DataOf("INVALID_PARAMS") };

    /// <summary>Our reason, with our code as its own.</summary>
    public static RpcError Of(Refusal refusal) => new(CodeOf(refusal), refusal.Message) { Data = DataOf(refusal.Code, OurDomain) };

    public Task WriteAsync(HttpContext context, Refusal refusal)
        => JsonSerializer.SerializeAsync(
            context.Response.Body, new RpcAnswer { Id = RpcRequestId.Of(context), Error = Of(refusal) }, A2AJson.Wire.RpcAnswer,
            context.RequestAborted);

    private static int CodeOf(Refusal refusal) => refusal.Code switch
    {
        ErrorCodes.InvalidJson => RpcError.ParseError,
        ErrorCodes.InvalidFrame or ErrorCodes.UnsupportedMediaType or ErrorCodes.BodyTooLarge => RpcError.InvalidRequest,
        ErrorCodes.InvalidMessage or ErrorCodes.MessageTooLong or ErrorCodes.InvalidId or ErrorCodes.InvalidOption
            or ErrorCodes.UnknownAgent or ErrorCodes.SessionNotFound or ErrorCodes.Conflict => RpcError.InvalidParams,
        _ => RpcError.InternalError,
    };

    private static JsonElement DataOf(string reason, string? domain = null)
    {
        var info = new A2AErrorInfo(reason);
        return JsonSerializer.SerializeToElement(
            [domain is null ? info : info with { Domain = domain }], A2AJson.Wire.IReadOnlyListA2AErrorInfo);
    }
}
