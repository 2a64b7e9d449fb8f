using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentStream.Worker.Models.Wire.Replies;

/// <summary>
/// Understands the lines of a stream and writes standard events.
/// It takes Server-Sent Events with or without blank lines between them, JSON one object a line, and a whole JSON body:
/// <code>
/// data: {"choices":[{"delta":{"content":"Hi"}}]}
/// : keep-alive
/// data: [DONE]
/// </code>
/// </summary>
internal sealed class ReplyEvents(IReplyProtocol protocol)
{
    private readonly SurrogateMender _mender = new();
    private string _data = "";
    private bool _isErrorEvent;
    private bool _inRawBody;
    private bool _isRaw;
    private bool _sawAnything;

    /// <summary>The stream has said that it is over; nothing of it counts any more.</summary>
    public bool IsDone { get; private set; }

    /// <summary>The reply is complete, whatever else may follow.</summary>
    public bool IsFinished => protocol.IsFinished || (_isRaw && protocol.IsWhole);

    /// <exception cref="WireException">The line makes no sense, or says that the server has failed.</exception>
    public void Add(string line, IBufferWriter<byte> output)
    {
        if (IsDone)
        {
            return;
        }

        if (line.Length == 0)
        {
            EndEvent();
        }
        else if (Field(line, "data") is { } data)
        {
            AddData(data, output);
        }
        else if (Field(line, "event") is { } name)
        {
            _isErrorEvent = name == "error";
        }
        else if (IsRaw(line))
        {
            AddData(line, output);
        }
        else if (!_sawAnything && line[0] == '<')
        {
            throw new WireException(WireProblem.NotTheApi, "The server answered with a web page.");
        }
    }

    /// <summary>The connection has ended: so must the reply have.</summary>
    /// <exception cref="WireException">It has not.</exception>
    public void End(IBufferWriter<byte> output)
    {
        EndEvent();
        if (!IsFinished)
        {
            throw new WireException(WireProblem.CutOff, "The stream ended before the reply did.");
        }

        Finish(output);
    }

    private void AddData(string data, IBufferWriter<byte> output)
    {
        _sawAnything = true;
        if (_data.Length == 0 && data.Trim() == "[DONE]")
        {
            if (!protocol.HasBegun)
            {
                throw new WireException(WireProblem.CutOff, "The stream was said to be over before it had begun.");
            }

            Finish(output);
            return;
        }

        _data = _data.Length == 0 ? data : _data + "\n" + data;
        if (TryParse(data) is { } chunk)
        {
            _data = "";
            WriteStandard(chunk, output);
        }
    }

    // Rather than waiting for the blank line that some servers leave out, an event ends where its JSON does.
    private JsonNode? TryParse(string lastLine)
    {
        if (lastLine.AsSpan().TrimEnd() is not [.., '}' or '"' or ']'])
        {
            return null;
        }

        try
        {
            var node = JsonNode.Parse(_mender.Mend(_data));
            _mender.Keep();
            return node;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void EndEvent()
    {
        // A whole body may be printed with blank lines in it; only events end with one.
        if (_data.Length > 0 && !_inRawBody)
        {
            throw new WireException(WireProblem.Malformed, "A chunk of the stream is not JSON.");
        }

        _isErrorEvent = false;
    }

    private bool IsRaw(string line)
    {
        _inRawBody |= _data.Length == 0 && line.TrimStart() is ['{' or '[', ..];
        _isRaw |= _inRawBody;
        return _inRawBody;
    }

    private void WriteStandard(JsonNode chunk, IBufferWriter<byte> output)
    {
        _inRawBody = false;
        foreach (var standard in Read(chunk))
        {
            Write(standard, output);
        }
    }

    private static void Write(WireEvent standard, IBufferWriter<byte> output)
    {
        if (standard.Name is { } name)
        {
            output.Write(Encoding.UTF8.GetBytes($"event: {name}\n"));
        }

        output.Write("data: "u8);
        output.Write(standard.Data.Span);
        output.Write("\n\n"u8);
    }

    private List<WireEvent> Read(JsonNode chunk)
    {
        try
        {
            return ErrorIn(chunk) is { } error
                ? throw new WireException(WireProblem.ServerError, "The server reported an error in mid-stream.") { ServerError = error }
                : [.. protocol.Read(chunk)];
        }
        catch (Exception nonsense) when (nonsense is InvalidOperationException or ArgumentException or FormatException)
        {
            // What System.Text.Json throws for values of another type than expected, doubled names and the like.
            throw new WireException(WireProblem.Malformed, "A chunk of the stream makes no sense.", nonsense);
        }
    }

    private ServerError? ErrorIn(JsonNode chunk) => ServerError.In(chunk) ?? (_isErrorEvent ? ServerError.FromStream(chunk) : null);

    private void Finish(IBufferWriter<byte> output)
    {
        IsDone = true;
        foreach (var last in protocol.End())
        {
            Write(last, output);
        }
    }

    private static string? Field(string line, string name)
    {
        if (!line.StartsWith(name, StringComparison.Ordinal) || line.Length == name.Length || line[name.Length] != ':')
        {
            return null;
        }

        var value = line[(name.Length + 1)..];
        return value.StartsWith(' ') ? value[1..] : value;
    }
}
