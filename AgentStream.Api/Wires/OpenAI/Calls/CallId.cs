using AgentStream.Messaging;

namespace AgentStream.Api.Wires.OpenAI.Calls;

/// <summary>
/// The id of a call that the caller executes: which one it is, and in which session, so that its result finds it without more.
/// It names something and permits nothing.
/// </summary>
internal readonly record struct CallId(ToolCallId ToolCallId, SessionId SessionId)
{
    private const string Prefix = "call_";
    private const char Separator = '_';

    /// <summary>Reads what <see cref="ToString"/> writes: <c>call_0197…-call-1-0_my-session</c>.</summary>
    public static bool TryParse(string? text, out CallId id)
    {
        id = default;
        if (text is null || !text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        // The session's own id may have the separator in it; a call's id, which the server makes, has none.
        var parts = text[Prefix.Length..].Split(Separator, 2);
        if (parts.Length != 2 || !ToolCallId.TryParse(parts[0], out var call) || !SessionId.TryParse(parts[1], out var session))
        {
            return false;
        }

        id = new CallId(call, session);
        return true;
    }

    public override string ToString() => $"{Prefix}{ToolCallId}{Separator}{SessionId}";
}
