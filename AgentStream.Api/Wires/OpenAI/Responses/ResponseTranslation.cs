using System.Buffers;
using AgentStream.Api.Commands;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.OpenAI.Responses;

/// <summary>A response's events as a stream.</summary>
/// <param name="fold">The response.</param>
/// <param name="after">The number of the last event that the client has; <c>null</c>: it has none.</param>
/// <param name="ended">The events of a run that the log does not tell any more; <c>null</c>: it does.</param>
internal sealed class ResponseTranslation(ResponseFold fold, int? after, IReadOnlyList<RunEvent>? ended = null) : IRunTranslation
{
    private static readonly Refusal TooFar = new(
        ErrorCodes.InvalidCursor, "Too much came since starting_after: stream the response from its beginning, without it.");

    private bool _isBroken;
    private bool _hasHole;

    public bool IsOver => _isBroken || fold.IsOver;

    public void Begin(IBufferWriter<byte> to)
    {
        foreach (var runEvent in ended ?? [])
        {
            if (!IsOver)
            {
                Write(runEvent, to);
            }
        }

        if (ended is not null)
        {
            Pause(to);
        }
    }

    public void Write(in RunEvent runEvent, IBufferWriter<byte> to)
    {
        // Where a snapshot stands in for entries, nobody knows how much of it the client has.
        // It gets the end, which has all of the response, or is told so.
        var isLost = runEvent.IsRetold && after is not null;
        if (_hasHole && !isLost)
        {
            Break(TooFar, to);
            return;
        }

        _hasHole |= isLost && runEvent.Event is not RunFinished;
        Write(fold.Take(runEvent), runEvent.IsRetold, to);
    }

    public void Pause(IBufferWriter<byte> to)
    {
        if (!IsOver)
        {
            Write(fold.Pause(), isRetold: _hasHole, to);
        }
    }

    private void Write(List<ResponseEvent> events, bool isRetold, IBufferWriter<byte> to)
    {
        var isLost = isRetold && after is not null;
        if (isRetold && fold.IsOver && events.Count > 0)
        {
            // Which number the end had, nobody knows any more: it follows whatever the client has.
            events[^1] = events[^1] with { SequenceNumber = int.MaxValue };
        }

        foreach (var made in isLost ? events.TakeLast(fold.IsOver ? 1 : 0) : events)
        {
            if (isLost || after is not { } has || made.SequenceNumber > has)
            {
                Write(made, to);
            }
        }
    }

    public void Beat(IBufferWriter<byte> to)
    {
        if (_hasHole)
        {
            Break(TooFar, to);
        }
        else
        {
            ServerSentEvent.Comment(to);
        }
    }

    public void Break(Refusal why, IBufferWriter<byte> to)
    {
        _isBroken = true;
        Write(new ResponseEvent { Type = "error", Code = why.Code, Message = why.Message }, to);
    }

    private static void Write(ResponseEvent made, IBufferWriter<byte> to)
        => ServerSentEvent.Write(to, made, OpenAIJson.Wire.ResponseEvent, name: made.Type);
}
