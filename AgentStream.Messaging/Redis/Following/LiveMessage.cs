using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using AgentStream.Messaging.Redis.Commands;

namespace AgentStream.Messaging.Redis.Following;

/// <summary>A message on a session's channel; see <see cref="SessionKeys.Live"/> for the format.</summary>
/// <param name="Epoch">The epoch of the entries; <c>null</c>: the session was erased or begins a new epoch.</param>
/// <param name="First">The first offset.</param>
/// <param name="Last">The last offset.</param>
/// <param name="Frames">One for each offset, or none: then they are to be read from the stream.</param>
internal sealed record LiveMessage(Epoch? Epoch, Offset First, Offset Last, IReadOnlyList<ReadOnlyMemory<byte>> Frames)
{
    public static bool TryParse(ReadOnlyMemory<byte> payload, [NotNullWhen(true)] out LiveMessage? message)
    {
        message = null;
        var end = payload.Span.IndexOf((byte)'\n');
        if (end < 0)
        {
            return false;
        }

        var header = Encoding.ASCII.GetString(payload.Span[..end]).Split(' ');
        if (header is ["R"])
        {
            message = new LiveMessage(null, default, default, []);
            return true;
        }

        if (header is not ["E", var epochText, var firstText, var lastText]
            || !Messaging.Epoch.TryParse(epochText, CultureInfo.InvariantCulture, out var epoch)
            || !Offset.TryParse(firstText, CultureInfo.InvariantCulture, out var first)
            || !Offset.TryParse(lastText, CultureInfo.InvariantCulture, out var last))
        {
            return false;
        }

        var frames = LengthPrefixed.Split(payload[(end + 1)..]);
        message = new LiveMessage(epoch, first, last, frames.Count == last.Value - first.Value + 1 ? frames : []);
        return true;
    }
}
