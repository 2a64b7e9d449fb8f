using System.Runtime.CompilerServices;
using AgentStream.Tests.Simulation.Engine;
using AgentStream.Tests.Simulation.Judging;
using AgentStream.Tests.Simulation.Scenarios;
using AgentStream.Worker.Tools.Arguments;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Simulation.Nodes;

/// <summary>Plays the plan that the last message names; which reply comes next depends on the conversation alone.</summary>
internal sealed class SimModel(SimProcess process, Func<int, RunPlan> plans, Dictionary<(int, int), int> broken, Judge judge) : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        => GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var conversation = messages.ToList();
        var start = conversation.FindLastIndex(message => message.Role == ChatRole.User);
        if (start < 0 || RunPlan.NumberIn(conversation[start].Text) is not { } number)
        {
            throw new InvalidOperationException("The prompt has no message of ours.");
        }

        var plan = plans(number);
        var turn = conversation.Skip(start + 1).ToList();
        var index = turn.Count(message => message.Role == ChatRole.Assistant);
        judge.Prompted(number, [.. conversation.Take(start).Where(message => message.Role == ChatRole.User)
            .Select(message => RunPlan.NumberIn(message.Text)).OfType<int>()]);
        judge.CheckResults(number, turn);
        if (index >= plan.Replies.Count)
        {
            judge.Fail($"run of plan {number}: the model was asked for reply {index + 1} of {plan.Replies.Count}");
            throw new InvalidOperationException("The plan is over.");
        }

        var reply = plan.Replies[index];
        var breaks = broken.GetValueOrDefault((number, index)) < reply.Breaks;
        if (reply.Thinks)
        {
            yield return Update(new TextReasoningContent($"t{number}.{index};"));
        }

        for (var piece = 0; piece <= reply.Pieces.Count; piece++)
        {
            await Task.Delay(reply.Pause, process.Clock, cancellationToken);
            if (breaks && piece == reply.BreaksAt)
            {
                broken[(number, index)] = broken.GetValueOrDefault((number, index)) + 1;
                process.World.Counts.Add("model that breaks off");
                throw new IOException("The simulated model breaks off.");
            }

            if (piece < reply.Pieces.Count)
            {
                yield return Update(new TextContent(reply.Pieces[piece]));
            }
        }

        for (var call = 0; call < reply.Calls.Count; call++)
        {
            yield return Update(ToolCallText.CreateCall(
                $"c{index}_{call}", reply.Calls[call].Tool, $$"""{"item":"{{reply.Calls[call].Item}}"}"""));
        }

        yield return new ChatResponseUpdate(ChatRole.Assistant, [])
        {
            FinishReason = reply.Calls.Count > 0 ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop,
        };
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
        => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
        // Nothing is held.
    }

    private static ChatResponseUpdate Update(AIContent content) => new(ChatRole.Assistant, [content]) { ModelId = "simulated" };
}
