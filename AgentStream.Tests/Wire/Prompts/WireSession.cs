using System.Text.Json;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Worker.Running;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Wire.Prompts;

/// <summary>A session, message by message, as the store would keep it.</summary>
internal sealed class WireSession(params AgentTool[] tools)
{
    private readonly List<ConversationTurn> _turns = [];

    public IReadOnlyList<ConversationTurn> Turns => _turns;

    /// <summary>One message, run to its end.</summary>
    /// <param name="client">The model that is asked.</param>
    /// <param name="message">What the person writes.</param>
    /// <param name="with">How its run differs from others.</param>
    public async Task<LoopHarness> SayAsync(IChatClient client, string message, WireMessage? with = null)
    {
        with ??= new WireMessage();
        LoopHarness? harness = null;
        harness = new LoopHarness(client, tools)
        {
            Message = message,
            Conversation = [.. _turns],
            MaxIterations = with.MaxIterations,
            Limits = new() { MaxTokens = with.MaxTokens, ReplyAttempts = 1 },
            ContextTokens = with.ContextTokens,
            Context = with.Context,
            Temperature = with.Temperature,
            History = with.History,
            Approvals = with.Approvals,
            CancelRequested = with.IsStoppedAtOnce,
            Kept = sessionEvent =>
            {
                if (with.StopAt is { } type && type.IsInstanceOfType(sessionEvent))
                {
                    harness!.Control.Cancel();
                }
            },
        };
        if (with.LoseAfter is { } outputs)
        {
            await harness.RunAsync(outputs);
        }

        if (harness.Finished is null && harness.Parked is null)
        {
            await harness.RunAsync();
        }

        _turns.Add(harness.AsTurn() with { Message = message });
        return harness;
    }

    /// <summary>A person replaces a message, or the last where there are fewer: it and what came of it leave the conversation.</summary>
    public void Replace(int index) => _turns.RemoveAt(Math.Min(index, _turns.Count - 1));
}

/// <summary>What is special about a message's run.</summary>
internal sealed record WireMessage
{
    public int MaxIterations { get; init; } = 20;

    public long MaxTokens { get; init; } = 1_000_000;

    public int ContextTokens { get; init; } = 128_000;

    public JsonElement? Context { get; init; }

    public double? Temperature { get; init; }

    public IReadOnlyList<HistoryMessage>? History { get; init; }

    /// <summary>Tools that people are asked about; nobody answers, and the run ends.</summary>
    public IReadOnlyList<string> Approvals { get; init; } = [];

    /// <summary>Stopped before its worker began.</summary>
    public bool IsStoppedAtOnce { get; init; }

    /// <summary>Stopped once an event of this type was kept.</summary>
    public Type? StopAt { get; init; }

    /// <summary>The worker is lost after so many outputs, and another goes on.</summary>
    public int? LoseAfter { get; init; }
}
