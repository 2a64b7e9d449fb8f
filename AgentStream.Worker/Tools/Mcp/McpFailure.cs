using System.Net;
using AgentStream.Worker.Tools.Mcp.Sessions;
using AgentStream.Worker.Tools.Mcp.SignIn;
using ModelContextProtocol;

namespace AgentStream.Worker.Tools.Mcp;

/// <summary>Says of a call that failed what happened, and whether it may have taken effect. Only a lost connection is called one.</summary>
internal static class McpFailure
{
    /// <summary>Tells whether the connection is to be looked after: it was lost, or the server may have forgotten it without saying so, as
    /// some do that were started again.</summary>
    public static bool IsDoubtful(Exception exception) => McpSignInException.In(exception) is not null || exception is IOException
        or (HttpRequestException and not { StatusCode: HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.TooManyRequests });

    public static ToolException Of(string server, Exception exception) => exception switch
    {
        _ when McpSignInException.In(exception) is not null => new ToolException(
            $"The tool server '{server}' has to be signed in to anew, which an operator does. Do without.", exception),
        SessionForgottenException =>
            new ToolException(
                $"The tool server '{server}' has forgotten this session, and its new one as well. Try again later, or do without.",
                exception),
        McpProtocolException answer =>
            new ToolException($"The tool server '{server}' {What(NothingBegan(answer))}: {TextOf(answer)}", exception)
            {
                InDoubt = !NothingBegan(answer),
            },
        HttpRequestException { StatusCode: { } status } =>
            new ToolException($"The tool server '{server}' {What(IsRefusal(status))}: HTTP {(int)status}.", exception)
            {
                InDoubt = !IsRefusal(status),
            },
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError
        } => new ToolException(
            $"The tool server '{server}' can't be reached at the moment. Try again later, or do without.", exception),
        IOException or HttpRequestException =>
            new ToolException($"The connection to the tool server '{server}' was lost during the call.", exception) { InDoubt = true },
        NotSupportedException or InvalidOperationException => new ToolException(
            $"The tool server '{server}' asked for something in return that is not offered here, such as input from a person.",
                exception)
        { InDoubt = true },
        McpException => new ToolException($"The tool server '{server}' ended its answer without a result.", exception) { InDoubt = true },
        _ => new ToolException($"What the tool server '{server}' answered can't be read.", exception) { InDoubt = true },
    };

    private static string What(bool isRefusal) => isRefusal ? "refused the call" : "answered with an error";

    // Only these say that nothing was begun; any other error may come after the effect.
    private static bool NothingBegan(McpProtocolException exception) =>
        exception.ErrorCode is McpErrorCode.MethodNotFound or McpErrorCode.InvalidParams
        or McpErrorCode.UnsupportedProtocolVersion or McpErrorCode.MissingRequiredClientCapability or McpErrorCode.HeaderMismatch;

    private static bool IsRefusal(HttpStatusCode status) =>
        status is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound
        or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotAcceptable or HttpStatusCode.Gone or HttpStatusCode.RequestEntityTooLarge
            or HttpStatusCode.UnsupportedMediaType
        or HttpStatusCode.TooManyRequests;

    private static string TextOf(McpProtocolException exception)
    {
        const string Prefix = "Request failed (remote): ";
        return exception.Message.StartsWith(Prefix, StringComparison.Ordinal) ? exception.Message[Prefix.Length..] : exception.Message;
    }
}
