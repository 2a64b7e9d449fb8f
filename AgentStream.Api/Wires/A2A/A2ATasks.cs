using System.Security.Cryptography;
using System.Text;
using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Wires.JsonRpc;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Wires.A2A;

/// <summary>A run, or why there is none.</summary>
internal readonly record struct A2AFound(FoundRun? Run, RpcError? Error, Refusal? Refusal)
{
    public static implicit operator A2AFound(FoundRun run) => new(run, null, null);

    public static implicit operator A2AFound(RpcError error) => new(null, error, null);

    public static implicit operator A2AFound(Refusal refusal) => new(null, null, refusal);

    /// <summary>Of a run that was there a moment ago, or never was, all that can be said is that there is none.</summary>
    public static A2AFound Of(Answer<FoundRun> answer) => answer.IsRefused(out _, out var run) ? A2AErrors.NoSuchTask : run;
}

/// <summary>Finds or begins the run that a request is about.</summary>
internal static class A2ATasks
{
    private const int Characters = 32;

    /// <summary>The task of an id.</summary>
    public static async ValueTask<A2AFound> FindAsync(HttpContext context, WireCommands commands, string? taskId)
        => RunAddress.TryParse(taskId, out var address)
            ? A2AFound.Of(await FoundRun.FindAsync(commands, context, address))
            : A2AErrors.NoSuchTask;

    /// <summary>Takes a message: what asks for something begins a task, what names a task answers its question.</summary>
    public static async ValueTask<A2AFound> TakeAsync(HttpContext context, WireCommands commands, string agent, RpcMessage request)
    {
        var message = request["message"];
        if (A2AIncoming.Read(message, out var incoming) is { } wrong)
        {
            return wrong;
        }

        var contextId = message.Member("contextId").Text() is { Length: > 0 } given ? given : null;
        if (message.Member("taskId").Text() is { Length: > 0 } taskId)
        {
            return await AnswerAsync(context, commands, taskId, contextId, incoming);
        }

        var named = NameOf(context, agent, incoming.MessageId);
        if (!SessionId.TryParse(contextId ?? named, out var sessionId))
        {
            return A2AErrors.Invalid("contextId takes 1 to 128 of the characters A-Z a-z 0-9 _ -");
        }

        var payload = new ChatPayload
        {
            Message = incoming.Text,
            MessageId = MessageId.TryParse(incoming.MessageId, out var id) ? id.Value : named,
            AgentName = agent,
        };
        return (await commands.ChatAsync(context, sessionId, payload)).IsRefused(out var refusal, out var accepted)
            ? refusal
            : A2AFound.Of(await FoundRun.FindAsync(commands, context, sessionId, accepted.Seq, accepted.RunId));
    }

    /// <summary>Cancels a task, and waits a little for its end, which certainly comes.</summary>
    public static async ValueTask<A2AFound> CancelAsync(HttpContext context, WireCommands commands, string? taskId, TimeProvider time)
    {
        var found = await FindAsync(context, commands, taskId);
        if (found.Run is not { } run)
        {
            return found;
        }

        if ((await commands.CancelAsync(context, run.SessionId, run.Message.RunId)).IsRefused(out var refusal, out var cancelled))
        {
            // Asked twice, it is what was asked for.
            if (refusal.Code != ErrorCodes.NothingToCancel)
            {
                return refusal;
            }

            return run.Message.Status == MessageStatus.Cancelled ? found : A2AErrors.NotCancelable;
        }

        if (cancelled.Status == CancelStatus.Requested)
        {
            await run.WaitForCancelAsync(commands, context, time);
        }

        return await FindAsync(context, commands, taskId);
    }

    private static async ValueTask<A2AFound> AnswerAsync(
        HttpContext context, WireCommands commands, string taskId, string? contextId, A2AIncoming incoming)
    {
        var found = await FindAsync(context, commands, taskId);
        if (found.Run is not { } run)
        {
            return found;
        }

        if (contextId is not null && contextId != run.SessionId.Value)
        {
            return A2AErrors.Invalid("The task is of another contextId.");
        }

        if (run.Questions.Count == 0)
        {
            return A2AErrors.Unsupported("The task asks nothing: leave taskId out, and the message begins another one.");
        }

        if (incoming.ToAnswer() is not { } answer)
        {
            return A2AErrors.Invalid(
                "The task asks whether a call may run: answer yes or no, or with the data {\"approved\": true or false, \"reason\"?, "
                + "\"arguments\"?, \"toolCallId\"?}.");
        }

        // Plain words answer all that it asks.
        foreach (var question in run.Questions.Where(one => (answer.ToolCallId ?? one.ToolCallId.Value) == one.ToolCallId.Value))
        {
            var payload = answer with { RunId = run.Message.RunId.Value, ToolCallId = question.ToolCallId.Value };
            if (await commands.ApproveAsync(context, run.SessionId, payload) is { } refusal && refusal.Code != ErrorCodes.AlreadyAnswered)
            {
                return refusal;
            }
        }

        return await FindAsync(context, commands, taskId);
    }

    // The same message again finds the same task, on any server. Callers do not meet each other: who asks is a part of it.
    private static string NameOf(HttpContext context, string agent, string messageId)
    {
        var named = Encoding.UTF8.GetBytes($"a2a\n{SessionAccess.PrincipalOf(context)}\n{agent}\n{messageId}");
        return $"a2a-{Convert.ToHexStringLower(SHA256.HashData(named))[..Characters]}";
    }
}
