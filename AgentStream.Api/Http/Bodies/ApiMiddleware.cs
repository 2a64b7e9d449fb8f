using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Http.Description;
using AgentStream.Api.Wires;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Http.Bodies;

/// <summary>
/// Goes around all that the API answers: who may call at all, ids that are none, and a problem with a sentence for whatever goes wrong.
/// </summary>
internal sealed partial class ApiMiddleware(RequestDelegate next, CallerPolicy callers, ILogger<ApiMiddleware> logger)
{
    private const string TicketParameter = "ticket";
    private static readonly string[] CursorParameters = ["after", "epoch"];
    private const string DocumentName = "documentName";

    public async Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(AddHeaders, context.Response);
        if ((callers.Check(context.Request) ?? CheckIds(context.Request.RouteValues) ?? CheckQuery(context.Request.Query)) is { } refusal)
        {
            await new ProblemResult(refusal).ExecuteAsync(context);
            return;
        }

        using var scope = logger.BeginScope(ScopeOf(context.Request.RouteValues));
        try
        {
            await next(context);
            if (IsBareError(context.Response))
            {
                await new ProblemResult(RefusalFor(context.Response.StatusCode)).ExecuteAsync(context);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there any more to be told.
        }
        catch (Exception exception)
        {
            await AnswerAsync(context, exception);
        }
    }

    // What people wrote and agents answered is for who asked: nobody on the way keeps it,
    // and no browser takes it for anything else than it says it is.
    private static Task AddHeaders(object state)
    {
        var headers = ((HttpResponse)state).Headers;
        headers.TryAdd("X-Content-Type-Options", "nosniff");
        headers.TryAdd("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
        headers.TryAdd("Cache-Control", "no-store");
        return Task.CompletedTask;
    }

    // Ids that were checked: whatever is logged for a request, or for as long as a socket stays, tells whose it is.
    private static Dictionary<string, object> ScopeOf(RouteValueDictionary values)
    {
        Dictionary<string, object> scope = [];
        foreach (var name in (string[])[RouteIds.Session, RouteIds.Run])
        {
            if (values.TryGetValue(name, out var id) && id is string text)
            {
                scope[name] = text;
            }
        }

        return scope;
    }

    private static bool IsBareError(HttpResponse response)
        => !response.HasStarted
            && response.StatusCode >= 400
            && response.ContentLength is null
            && string.IsNullOrEmpty(response.ContentType);

    // Before any handler binds them, so that a bad id has the same answer everywhere, before the upgrade of a socket too.
    private static Refusal? CheckIds(RouteValueDictionary values)
    {
        if (values.TryGetValue(RouteIds.Session, out var session) && !SessionId.TryParse(session as string, out _))
        {
            return new Refusal(ErrorCodes.InvalidId, "A session id has 1 to 128 of the characters A-Z a-z 0-9 _ -");
        }

        if (values.TryGetValue(RouteIds.Run, out var run) && !RunId.TryParse(run as string, out _))
        {
            return new Refusal(ErrorCodes.InvalidId, "A run id has 1 to 128 of the characters A-Z a-z 0-9 _ -");
        }

        if (values.TryGetValue(RouteIds.Attachment, out var attachment) && !AttachmentId.TryParse(attachment as string, out _))
        {
            return new Refusal(ErrorCodes.InvalidId, "An attachment's id has 1 to 128 of the characters A-Z a-z 0-9 _ -");
        }

        if (values.TryGetValue(DocumentName, out var document) && document as string != ApiDescription.Name)
        {
            return RefusalFor(StatusCodes.Status404NotFound);
        }

        return values.TryGetValue(RouteIds.ToolCall, out var call) && !ToolCallId.TryParse(call as string, out _)
            ? new Refusal(ErrorCodes.InvalidId, "A tool call id has 1 to 128 of the characters A-Z a-z 0-9 _ -")
            : null;
    }

    // Which of two counts, others on the way may see differently. Of tickets, whoever reads them says so.
    private static Refusal? CheckQuery(IQueryCollection query)
    {
        foreach (var (name, values) in query)
        {
            if (values.Count > 1 && name != TicketParameter && !WireExtensions.RepeatedParameters.Contains(name))
            {
                var code = CursorParameters.Contains(name) ? ErrorCodes.InvalidCursor : ErrorCodes.InvalidOption;
                return new Refusal(code, "A parameter is there twice: give each once.");
            }
        }

        return null;
    }

    private static Refusal RefusalFor(int status) => status switch
    {
        StatusCodes.Status404NotFound => new(
            ErrorCodes.NotFound, "There is nothing at this address: /openapi/v1.json lists what there is."),
        StatusCodes.Status405MethodNotAllowed => new(
            ErrorCodes.MethodNotAllowed, "This address takes other methods: the Allow header and /openapi/v1.json list them."),
        StatusCodes.Status413PayloadTooLarge => new(ErrorCodes.BodyTooLarge, "The body is larger than this server takes."),
        StatusCodes.Status415UnsupportedMediaType => new(
            ErrorCodes.UnsupportedMediaType, "Send JSON, with Content-Type: application/json."),
        >= 500 => new(ErrorCodes.InternalError, "Something went wrong in the server, and its log says what: try again in a little while."),
        _ => new(ErrorCodes.InvalidOption, "A parameter of this request can't be read: /openapi/v1.json says what each takes."),
    };

    private async Task AnswerAsync(HttpContext context, Exception exception)
    {
        if (exception is StoreUnavailableException)
        {
            LogStoreUnavailable(exception, context.Request.Method, context.Request.Path);
        }
        else if (exception is not BadHttpRequestException)
        {
            LogFailed(exception, context.Request.Method, context.Request.Path);
        }

        if (context.Response.HasStarted)
        {
            // Half an answer must not look like a whole one.
            context.Abort();
            return;
        }

        context.Response.Clear();
        var result = exception switch
        {
            StoreUnavailableException => ProblemResult.StoreUnavailable,
            BadHttpRequestException bad => new ProblemResult(RefusalFor(bad.StatusCode)),
            _ => new ProblemResult(RefusalFor(StatusCodes.Status500InternalServerError)),
        };
        await result.ExecuteAsync(context);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path} was refused: the store can't be reached")]
    private partial void LogStoreUnavailable(Exception exception, string method, string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private partial void LogFailed(Exception exception, string method, string path);
}
