using System.Buffers;
using System.Text;

namespace AgentStream.Worker.Models.Wire.Replies;

/// <summary>
/// Cuts bytes into lines (CR, LF or both), however they were split on the way:
/// a line is decoded once it is whole, so that no character is torn.
/// </summary>
internal sealed class ReplyLines
{
    private const int MaxLineLength = 16 * 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _line = new();
    private bool _afterReturn;

    /// <summary>The lines that these bytes complete.</summary>
    /// <exception cref="WireException">A line without end.</exception>
    public IEnumerable<string> Add(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_afterReturn && bytes.Span[0] == '\n')
            {
                bytes = bytes[1..];
            }

            _afterReturn = false;
            var end = bytes.Span.IndexOfAny((byte)'\n', (byte)'\r');
            _line.Write(bytes.Span[..(end < 0 ? bytes.Length : end)]);
            if (end < 0)
            {
                break;
            }

            _afterReturn = bytes.Span[end] == '\r';
            bytes = bytes[(end + 1)..];
            yield return Take();
        }

        if (_line.WrittenCount > MaxLineLength)
        {
            throw new WireException(WireProblem.Malformed, "A line of the reply is longer than any reply.");
        }
    }

    /// <summary>The last line, if nothing ended it.</summary>
    public IEnumerable<string> End() => _line.WrittenCount > 0 ? [Take()] : [];

    private string Take()
    {
        var text = Encoding.UTF8.GetString(_line.WrittenSpan);
        _line.ResetWrittenCount();
        return text.TrimStart('\uFEFF');
    }
}
