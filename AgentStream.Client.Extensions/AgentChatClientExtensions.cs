using AgentStream.Client.Extensions;
using Microsoft.Extensions.AI;

namespace AgentStream.Client;

/// <summary>Agents for whatever takes an <see cref="IChatClient"/>.</summary>
public static class AgentChatClientExtensions
{
    /// <summary>
    /// An agent as a chat client. Each request is a run: its answer streams as text, its thoughts as reasoning, and the event of each
    /// update is its <see cref="ChatResponseUpdate.RawRepresentation"/>. Without a <see cref="ChatOptions.ConversationId"/> a request is
    /// a session of its own, with the messages before the last one as its history; with one it goes on with the session of that id.
    /// </summary>
    /// <param name="client">The client. It is not disposed.</param>
    /// <param name="agent">The agent; <c>null</c>: the server's <c>assistant</c>.</param>
    public static IChatClient AsChatClient(this AgentStreamClient client, string? agent = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        return new AgentChatClient(client, agent);
    }
}
