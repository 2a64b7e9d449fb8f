using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentStream.Api.Commands;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Wires.JsonRpc;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.Mcp;

/// <summary>The route of MCP: one for all messages, and to come back to the answer of a call.</summary>
internal static class McpEndpoints
{
    private const string LastEventId = "Last-Event-ID";
    private const int UnsupportedVersion = -32022;
    private const long Minute = 60_000;
    private const string Instructions =
        "Each tool is an agent: it is asked in plain words, works on it with tools of its own, and answers. "
        + "session_id of a result goes on in its conversation.";

    public static async Task<IResult> PostAsync(HttpContext context, WireCommands commands, WireStreams streams, McpCalls calls)
    {
        // Whoever does not say what it takes, takes all.
        if (context.Request.Headers.Accept.ToString() is { Length: > 0 } accept
            && !(Takes(accept, "application/json") && Takes(accept, "text/event-stream")))
        {
            return McpAnswers.Body(
                McpAnswers.Of(id: null, RpcError.InvalidRequest, "Accept takes both application/json and text/event-stream."),
                StatusCodes.Status406NotAcceptable);
        }

        if ((await commands.ReadAsync(context, McpJson.Wire.RpcMessage)).IsRefused(out var unreadable, out var message))
        {
            return ApiResults.Refused(unreadable);
        }

        RpcRequestId.Set(context, message.Id);
        if (!message.IsValid)
        {
            return McpAnswers.Body(
                McpAnswers.Of(id: null, RpcError.InvalidRequest, "This is no message of JSON-RPC 2.0."), StatusCodes.Status400BadRequest);
        }

        if (McpRevision.Of(context.Request) is not { } revision)
        {
            return Unsupported(context.Request, message.Id);
        }

        if (message.Method is null)
        {
            await TakeAnswerAsync(context, commands, message);
        }
        else if (message.Id is { } id)
        {
            return await AnswerAsync(context, commands, streams, calls, new McpRequest(message, id, revision));
        }
        else if (message.Method == "notifications/cancelled" && message["requestId"] is { } cancelled)
        {
            await CancelAsync(context, commands, calls, cancelled);
        }

        return TypedResults.Accepted((string?)null);
    }

    public static async Task<IResult> GetAsync(HttpContext context, WireCommands commands, WireStreams streams, McpCalls calls)
    {
        if (McpRevision.Of(context.Request) is not { } revision)
        {
            return Unsupported(context.Request, id: null);
        }

        var last = context.Request.Headers[LastEventId].ToString();
        if (last.Length == 0 || revision.IsWithoutSessions)
        {
            context.Response.Headers.Allow = HttpMethods.Post;
            return McpAnswers.Body(
                McpAnswers.Of(id: null, RpcError.InvalidRequest, "All that comes, comes in answers: there is nothing else to listen to."),
                StatusCodes.Status405MethodNotAllowed);
        }

        return McpEventId.TryParse(last, out var id)
            ? await McpCalling.ResumeAsync(context, commands, streams, calls, id, revision)
            : ApiResults.Refused(new Refusal(ErrorCodes.InvalidCursor, $"{LastEventId} takes the id of an event of this server's."));
    }

    private static async Task<IResult> AnswerAsync(
        HttpContext context, WireCommands commands, WireStreams streams, McpCalls calls, McpRequest request)
    {
        if (request.Check(context.Request.Headers) is { } wrong)
        {
            return McpAnswers.Body(wrong, StatusCodes.Status400BadRequest);
        }

        return (request.Message.Method, request.Revision.IsWithoutSessions) switch
        {
            ("initialize", false) => Initialize(context, request),
            ("server/discover", true) => Answer(request, Discovered(), McpJson.Wire.McpDiscovered),
            ("ping", false) => Answer(request, new McpNothing(), McpJson.Wire.McpNothing),
            ("tools/list", _) => Answer(request, await ToolsAsync(context, commands, request.Revision), McpJson.Wire.McpTools),
            ("tools/call", _) => await McpCalling.CallAsync(context, commands, streams, calls, request),
            ("tasks/get", true) => McpAnswers.Body(await McpTasks.GetAsync(context, commands, request)),
            ("tasks/update", true) => McpAnswers.Body(await McpTasks.UpdateAsync(context, commands, request)),
            ("tasks/cancel", true) => McpAnswers.Body(await McpTasks.CancelAsync(context, commands, request)),
            var (method, isWithoutSessions) => McpAnswers.Body(
                McpAnswers.Of(request.Id, RpcError.MethodNotFound, $"There is no {method} here."),
                isWithoutSessions ? StatusCodes.Status404NotFound : StatusCodes.Status200OK),
        };
    }

    private static IResult Answer<T>(McpRequest request, T result, JsonTypeInfo<T> typeInfo)
        where T : McpResult
        => McpAnswers.Body(McpAnswers.Of(request.Revision, request.Id, result, typeInfo));

    private static IResult Initialize(HttpContext context, McpRequest request)
    {
        var agreed = McpRevision.Agreed(request.Message["protocolVersion"].Text());
        context.Response.Headers[McpSession.Header] = McpSession.NewId(McpQuestion.IsShownBy(request.Message["capabilities"]));
        return Answer(request, new McpInitialized(agreed.Version, McpAnswers.Server, Instructions), McpJson.Wire.McpInitialized);
    }

    private static McpDiscovered Discovered()
    {
        var extensions = new Dictionary<string, McpNothing> { [McpRequest.TaskExtension] = new() };
        return new McpDiscovered(McpRevision.WithoutSessions, new McpCapabilities { Extensions = extensions }, Instructions)
        {
            TtlMs = Minute,
        };
    }

    private static async Task<McpTools> ToolsAsync(HttpContext context, WireCommands commands, McpRevision revision)
    {
        var agents = await commands.AgentsAsync(context.RequestAborted);
        var tools = new McpTools([.. agents.Select(agent => new McpTool(agent.Name, agent.Description))]);
        return revision.IsWithoutSessions ? tools with { TtlMs = Minute, CacheScope = "private" } : tools;
    }

    // What a person said to a question that went over a stream.
    private static async Task TakeAnswerAsync(HttpContext context, WireCommands commands, RpcMessage message)
    {
        if (message.Result is { } answer && McpQuestion.TryParseId(message.Id.Text(), out var run, out var call))
        {
            // Whoever was faster, the log says; and to an answer there is no answer.
            await commands.ApproveAsync(context, run.SessionId, McpQuestion.AnswerOf(run, call, answer));
        }
    }

    private static async Task CancelAsync(HttpContext context, WireCommands commands, McpCalls calls, JsonElement requestId)
    {
        if (McpCallKey.Of(context, requestId) is not { } key)
        {
            return;
        }

        if (calls.Find(key) is { } open)
        {
            await commands.CancelAsync(context, open.SessionId, open.RunId);
        }
        else if (!(await commands.SnapshotAsync(context, key.SessionId)).IsRefused(out _, out var snapshot)
            && snapshot.Messages is [.., var message])
        {
            await commands.CancelAsync(context, key.SessionId, message.RunId);
        }
    }

    private static IResult Unsupported(HttpRequest request, JsonElement? id)
    {
        var data = new McpUnsupported(
            [.. McpRevision.WithoutSessions, .. McpRevision.WithSessions], request.Headers[McpRevision.Header].ToString());
        return McpAnswers.Body(
            McpAnswers.Of(
                id, UnsupportedVersion, "This revision of MCP is not spoken here.",
                JsonSerializer.SerializeToElement(data, McpJson.Wire.McpUnsupported)),
            StatusCodes.Status400BadRequest);
    }

    private static bool Takes(string accept, string type)
        => accept.Contains(type, StringComparison.OrdinalIgnoreCase) || accept.Contains("*/*", StringComparison.Ordinal);
}
