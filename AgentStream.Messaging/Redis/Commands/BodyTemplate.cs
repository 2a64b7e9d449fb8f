using System.Text;
using System.Text.Json;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Messaging.Redis.Commands;

/// <summary>A frame's body with a hole for what only the script knows: it puts it between the two halves.</summary>
internal readonly record struct BodyTemplate(byte[] Head, byte[] Tail)
{
    private const int NoPosition = 1_928_374_650;
    private static readonly RunId NoRun = RunId.Parse("run-of-the-session");

    /// <summary>
    /// The hole is the position in the queue. What follows it in the JSON is no free text, so the last match is the right one.
    /// </summary>
    public static BodyTemplate OfPosition(RunQueued queued, RunId runId, DateTimeOffset timestamp)
    {
        var body = EnvelopeCodec.EncodeBody(queued with { Position = NoPosition }, runId, timestamp);
        return Split(body, Encoding.ASCII.GetBytes($"{NoPosition}"), last: true);
    }

    /// <summary>The hole is the run of the entry, which stands before the data.</summary>
    public static BodyTemplate OfRun(SessionEvent sessionEvent, DateTimeOffset timestamp)
        => Split(EnvelopeCodec.EncodeBody(sessionEvent, NoRun, timestamp), Encoding.ASCII.GetBytes(NoRun.Value), last: false);

    /// <summary>The hole is the final arguments of an approval.</summary>
    public static BodyTemplate OfArguments(ToolApprovalResolved resolved, RunId runId, DateTimeOffset timestamp)
    {
        // A name that nobody can have written into the reason.
        var hole = $"\"{Guid.NewGuid():n}\"";
        return Split(
            EnvelopeCodec.EncodeBody(resolved with { Arguments = JsonElement.Parse(hole) }, runId, timestamp),
            Encoding.ASCII.GetBytes(hole), last: false);
    }

    private static BodyTemplate Split(byte[] body, byte[] hole, bool last)
    {
        var at = last ? body.AsSpan().LastIndexOf(hole) : body.AsSpan().IndexOf(hole);
        return new BodyTemplate(body[..at], body[(at + hole.Length)..]);
    }
}
