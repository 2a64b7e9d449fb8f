using System.Text.Json;

namespace AgentStream.Conformance.Wire;

/// <summary>Server-Sent Events as the WHATWG's HTML standard has them (section 9.2), as far as frames need it.</summary>
internal static class EventStream
{
    public static async Task<List<JsonElement>> ReadUntilAsync(
        TextReader reader, Func<JsonElement, bool> isLast, CancellationToken cancellationToken)
    {
        var order = new FrameOrder();
        List<JsonElement> frames = [];
        Dictionary<string, string> fields = [];
        string? epoch = null;
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length > 0)
            {
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                if (colon > 0)
                {
                    fields[line[..colon]] = line[(colon + 1)..].TrimStart(' ');
                }

                continue;
            }

            if (fields.TryGetValue("data", out var data))
            {
                var frame = order.Take(JsonElement.Parse(data));
                Promise.Same(frame.Type(), fields.GetValueOrDefault("event"), "the name of an event");
                epoch = frame.Type() is "connected" or "snapshot" or "resync" ? frame.Data("epoch").GetString() : epoch;
                if (frame.TryGetProperty("seq", out var seq))
                {
                    Promise.Same($"{epoch}:{seq.GetInt64()}", fields.GetValueOrDefault("id"), "the id of an event");
                }

                frames.Add(frame);
                if (isLast(frame))
                {
                    return frames;
                }
            }

            fields.Clear();
        }

        throw new BrokenPromiseException("the event stream ended, where more was to come");
    }
}
