using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.OpenAI.Chat;

/// <summary>Makes the pieces of a chat completion of a run's events.</summary>
internal interface IChatFold
{
    /// <summary>Whether nothing follows any more.</summary>
    bool IsOver { get; }

    /// <summary>What an event of the run adds.</summary>
    IReadOnlyList<ChatChunk> Take(SessionEvent sessionEvent);

    /// <summary>The end where the caller is to execute calls.</summary>
    IReadOnlyList<ChatChunk> Ask(IReadOnlyList<ChatToolCall> calls, TokenUsage? usage);
}
