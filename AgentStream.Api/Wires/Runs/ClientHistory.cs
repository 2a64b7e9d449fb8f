using AgentStream.Api.Commands;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Wires.Runs;

/// <summary>What clients that send their whole conversation with each message mean by it.</summary>
internal static class ClientHistory
{
    /// <summary>
    /// The run that a message stands in for, where its client has gone back in the conversation: the first one after the newest message
    /// that the client still has before this one. <c>null</c>: it goes on from the end, or has nothing that the session knows.
    /// </summary>
    /// <param name="snapshot">The session.</param>
    /// <param name="previous">The ids that the client has for what people asked before, oldest first.</param>
    /// <param name="idOf">The id that a client has for a message of the session.</param>
    public static RunId? Replaced(SnapshotData snapshot, IReadOnlyList<string> previous, Func<TranscriptMessage, string> idOf)
    {
        if (previous.Count == 0)
        {
            return null;
        }

        var present = snapshot.Messages.Where(message => message.ReplacedBy is null).ToList();
        var last = present.FindLastIndex(message => idOf(message) == previous[^1]);
        return last >= 0 && last + 1 < present.Count ? present[last + 1].RunId : null;
    }

    /// <summary>A conversation from elsewhere, for a session that knows none: as much of its end as a message may bring.</summary>
    /// <param name="messages">Role and text, oldest first.</param>
    public static IReadOnlyList<HistoryMessage>? Of(IEnumerable<(string? Role, string Text)> messages)
    {
        var history = new List<HistoryMessage>();
        var room = HistoryRules.MaxCharacters;
        foreach (var (role, text) in messages.Reverse())
        {
            if (role is not ("user" or "assistant") || string.IsNullOrWhiteSpace(text))
            {
                continue;
            }

            room -= text.Length;
            if (room < 0 || history.Count == HistoryRules.MaxMessages)
            {
                break;
            }

            history.Add(new HistoryMessage { Role = role, Content = text });
        }

        history.Reverse();
        return history.Count > 0 ? history : null;
    }
}
