using System.Text;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Messaging.Redis.Commands;

/// <summary>The body of a <c>tool_approval_resolved</c> with two holes: which run, and which call.</summary>
internal readonly record struct ResolvedTemplate(byte[] Head, byte[] Middle, byte[] Tail)
{
    /// <param name="resolved">What it says of whichever call.</param>
    /// <param name="timestamp">When.</param>
    public static ResolvedTemplate Of(Func<ToolCallId, ToolApprovalResolved> resolved, DateTimeOffset timestamp)
    {
        // Neither follows free text: the first match is the right one.
        var call = ToolCallId.Parse("call-of-the-run");
        var (head, rest) = BodyTemplate.OfRun(resolved(call), timestamp);
        var at = rest.AsSpan().IndexOf(Encoding.ASCII.GetBytes(call.Value));
        return new ResolvedTemplate(head, rest[..at], rest[(at + call.Value.Length)..]);
    }
}
