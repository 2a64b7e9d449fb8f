using System.Text.Json;
using AgentStream.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Delivery;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Wires.JsonRpc;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging.Agents;
using AgentStream.Messaging.Protocol;
using Microsoft.AspNetCore.Mvc;

namespace AgentStream.Api.Wires.A2A;

/// <summary>The routes of A2A: cards, and one address for all messages of an agent.</summary>
internal static class A2AEndpoints
{
    private const string DefaultAgent = "assistant";
    private const string Bearer = "bearer";

    public static Task<IResult> DefaultCardAsync(HttpContext context, WireCommands commands, AccessWays ways)
        => CardAsync(context, DefaultAgent, commands, ways);

    public static async Task<IResult> CardAsync(HttpContext context, [FromRoute] string agent, WireCommands commands, AccessWays ways)
    {
        var agents = await commands.AgentsAsync(context.RequestAborted);
        return agents.FirstOrDefault(one => one.Name == agent) is { } found
            ? ApiResults.Json(CardOf(found, context.Request, ways), A2AJson.Wire.A2ACard)
            : ApiResults.Refused(new Refusal(ErrorCodes.NotFound, "There is no such agent: GET /api/agents lists those that there are."));
    }

    public static async Task<IResult> PostAsync(
        HttpContext context, [FromRoute] string agent, WireCommands commands, WireStreams streams, TimeProvider time)
    {
        if ((await commands.ReadAsync(context, A2AJson.Wire.RpcMessage)).IsRefused(out var unreadable, out var request))
        {
            return ApiResults.Refused(unreadable);
        }

        RpcRequestId.Set(context, request.Id);
        if (!request.IsValid || request.Method is null || request.Id is not { } id)
        {
            return Body(new RpcAnswer
            {
                Id = request.Id,
                Error = new RpcError(RpcError.InvalidRequest, "This is no request of JSON-RPC 2.0."),
            });
        }

        if (!IsOurVersion(context.Request))
        {
            return Body(new RpcAnswer { Id = id, Error = A2AErrors.OtherVersion });
        }

        switch (request.Method)
        {
            case "SendMessage":
                return await SendAsync(context, commands, streams, agent, id, request);
            case "SendStreamingMessage":
                return await StreamAsync(context, streams, id, () => A2ATasks.TakeAsync(context, commands, agent, request));
            case "SubscribeToTask":
                return await StreamAsync(context, streams, id, () => SubscribeAsync(context, commands, request));
            case "GetTask":
                return Body(id, await A2ATasks.FindAsync(context, commands, request["id"].Text()), isUpdate: false, LengthOf(request));
            case "CancelTask":
                return Body(id, await A2ATasks.CancelAsync(context, commands, request["id"].Text(), time), isUpdate: false);
            default:
                return Body(new RpcAnswer { Id = id, Error = Missing(request.Method) });
        }
    }

    private static async Task<IResult> SendAsync(
        HttpContext context, WireCommands commands, WireStreams streams, string agent, JsonElement id, RpcMessage request)
    {
        ConnectionRegistry.ConnectionPermit? place = null;
        var waits = request["configuration"].Member("returnImmediately") is not { ValueKind: JsonValueKind.True };
        if (waits && streams.Enter(context).IsRefused(out var full, out place))
        {
            return ApiResults.Refused(full);
        }

        using (place)
        {
            var found = await A2ATasks.TakeAsync(context, commands, agent, request);
            if (waits && found.Run is { } run)
            {
                found = (await commands.SettleAsync(context, run.Address)).IsRefused(out var refusal, out var settled)
                    ? (A2AFound)refusal
                    : settled;
            }

            return Body(id, found, isUpdate: true);
        }
    }

    private static async ValueTask<A2AFound> SubscribeAsync(HttpContext context, WireCommands commands, RpcMessage request)
    {
        var found = await A2ATasks.FindAsync(context, commands, request["id"].Text());
        return found.Run is { IsOver: true } ? A2AErrors.Unsupported("The task is over: GetTask has all of it.") : found;
    }

    private static async Task<IResult> StreamAsync(
        HttpContext context, WireStreams streams, JsonElement id, Func<ValueTask<A2AFound>> find)
    {
        if (streams.Enter(context).IsRefused(out var full, out var place))
        {
            return ApiResults.Refused(full);
        }

        using (place)
        {
            var found = await find();
            return found.Run is { } run
                ? await streams.FollowAsync(context, place, run.ReadOn(past => new A2ATranslation(id, run.Address, past)))
                : Refused(id, found);
        }
    }

    private static A2ACard CardOf(AgentDescription agent, HttpRequest request, AccessWays ways)
    {
        var url = $"{request.Scheme}://{request.Host}{request.PathBase}/a2a/{Uri.EscapeDataString(agent.Name)}";
        var version = typeof(A2AEndpoints).Assembly.GetName().Version!.ToString(3);
        return new A2ACard(agent.Name, agent.Description, version, [new A2AInterface(url)])
        {
            Skills = [new A2ASkill(agent.Name, agent.Name, agent.Description, [.. agent.Tools.Select(tool => tool.Name)])],
            SecuritySchemes = ways.Any
                ? new Dictionary<string, A2ASecurityScheme> { [Bearer] = new(new A2AHttpScheme("Bearer")) }
                : null,
            SecurityRequirements = ways.Any
                ? [new A2ASecurityRequirement(new Dictionary<string, A2AScopes> { [Bearer] = new([]) })]
                : null,
        };
    }

    private static RpcError Missing(string method)
        => method.Contains("PushNotification", StringComparison.Ordinal) ? A2AErrors.NoPush
            : method == "GetExtendedAgentCard" ? A2AErrors.NoExtendedCard
            : method == "ListTasks" ? A2AErrors.Unsupported("Tasks are not listed: GET /api/sessions lists their contexts.")
            : new RpcError(RpcError.MethodNotFound, $"There is no {method} here.");

    // One that names none is taken at its word, which is its methods' names.
    private static bool IsOurVersion(HttpRequest request)
        => request.Headers[A2AWire.VersionHeader].ToString() is "" or A2AWire.Version;

    private static int? LengthOf(RpcMessage request)
        => request["historyLength"] is { ValueKind: JsonValueKind.Number } length && length.TryGetInt32(out var count) ? count : null;

    private static IResult Body(JsonElement id, A2AFound found, bool isUpdate, int? historyLength = null)
    {
        if (found.Run is not { } run)
        {
            return Refused(id, found);
        }

        var fold = new A2AFold(run.Address);
        foreach (var runEvent in run.Tell())
        {
            fold.Take(runEvent);
        }

        var task = fold.Task;
        if (historyLength is { } length)
        {
            task = task with { History = length > 0 ? [.. task.History?.TakeLast(length) ?? []] : null };
        }

        var result = isUpdate
            ? JsonSerializer.SerializeToElement(new A2AUpdate { Task = task }, A2AJson.Wire.A2AUpdate)
            : JsonSerializer.SerializeToElement(task, A2AJson.Wire.A2ATask);
        return Body(new RpcAnswer { Id = id, Result = result });
    }

    private static IResult Refused(JsonElement id, A2AFound found)
        => found.Refusal is { } refusal ? ApiResults.Refused(refusal) : Body(new RpcAnswer { Id = id, Error = found.Error });

    private static IResult Body(RpcAnswer answer) => ApiResults.Json(answer, A2AJson.Wire.RpcAnswer);
}
