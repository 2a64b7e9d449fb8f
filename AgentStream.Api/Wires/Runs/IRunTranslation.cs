using System.Buffers;
using AgentStream.Api.Commands;

namespace AgentStream.Api.Wires.Runs;

/// <summary>One run in the words of a wire, for one response. Called by one thread at a time.</summary>
internal interface IRunTranslation
{
    /// <summary>Whether the response is at its end: nothing is written after it.</summary>
    bool IsOver { get; }

    /// <summary>Writes what the response begins with.</summary>
    void Begin(IBufferWriter<byte> to);

    /// <summary>
    /// Writes what an event comes to; may be nothing.
    /// The text of a thought or an answer has always come as deltas before its finished step, and the run's end is the last one.
    /// </summary>
    void Write(in RunEvent runEvent, IBufferWriter<byte> to);

    /// <summary>Writes what has to wait until all was told that is there: what was said together does not always come together.</summary>
    void Pause(IBufferWriter<byte> to)
    {
    }

    /// <summary>Writes that all is well: some bytes that a client ignores.</summary>
    void Beat(IBufferWriter<byte> to);

    /// <summary>Writes the end of a response that ends before its run does.</summary>
    /// <param name="why">The reason.</param>
    /// <param name="to">Where it goes.</param>
    void Break(Refusal why, IBufferWriter<byte> to);
}
