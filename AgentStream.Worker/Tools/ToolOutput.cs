using System.Text;
using AgentStream.Worker.Tools.Output;

namespace AgentStream.Worker.Tools;

/// <summary>
/// What a tool says before it is done.
/// People see it at once, as deltas of the step that the result will be; that step's content begins with it, so that the deltas,
/// put together, are the content. May be called from any thread, never waits, and ignores what comes after the tool has returned.
/// </summary>
/// <remarks>
/// Memory is bounded by the limit of a result: what does not fit is left out of the middle, and streaming stops where that would begin.
/// </remarks>
public sealed class ToolOutput
{
    private readonly Lock _lock = new();
    private readonly Action? _changed;
    private readonly CutText _shown;
    private readonly CutText _result;
    private readonly StringBuilder _stream = new();
    private int _taken;
    private bool _closed;

    /// <summary>Output that nobody watches.</summary>
    public ToolOutput()
        : this(50_000)
    {
    }

    /// <param name="limit">Characters of the whole result.</param>
    /// <param name="changed">Called when there is something to take.</param>
    internal ToolOutput(int limit, Action? changed = null)
    {
        _changed = changed;
        _shown = new CutText(limit);
        _result = new CutText(limit);
    }

    /// <summary>
    /// A piece of the result: people see it now, the model reads it as the beginning of the result. What the tool returns follows it.
    /// </summary>
    public void Write(string text) => Add(text, isResult: true);

    /// <summary>A line about how far it is, for people only: the model does not read it.</summary>
    public void Report(string line) => Add(line.EndsWith('\n') ? line : line + "\n", isResult: false);

    /// <summary>The text that nobody has taken yet; empty if there is nothing. Never half a character.</summary>
    internal string TakeNew()
    {
        lock (_lock)
        {
            var end = _stream.Length;
            if (!_closed && end > 0 && char.IsHighSurrogate(_stream[end - 1]))
            {
                end--;
            }

            if (end <= _taken)
            {
                return "";
            }

            var text = _stream.ToString(_taken, end - _taken);
            _taken = end;
            return text;
        }
    }

    /// <summary>Nothing follows. Where something was streamed, the rest of the content can be taken as well.</summary>
    /// <param name="text">What the tool returned, or why it did not.</param>
    /// <param name="isError">An error begins a line of its own.</param>
    /// <returns>What people see and what the model reads, both within the limit.</returns>
    internal (string Shown, string Result) Close(string text, bool isError)
    {
        lock (_lock)
        {
            _closed = true;
            var shown = Complete(_shown, text, isError);
            var result = Complete(_result, text, isError);
            _stream.Clear();
            if (_taken > 0)
            {
                _stream.Append(shown);
            }

            return (shown, result);
        }
    }

    private static string Complete(CutText so, string text, bool isError)
    {
        so.Append(isError && !so.EndsALine ? "\n" + text : text);
        return so.ToString();
    }

    private void Add(string text, bool isResult)
    {
        lock (_lock)
        {
            if (_closed || text.Length == 0)
            {
                return;
            }

            if (!isResult && !_shown.EndsALine)
            {
                text = "\n" + text;
            }

            _shown.Append(text);
            if (isResult)
            {
                _result.Append(text);
            }

            var room = Math.Min(text.Length, _shown.Head - _stream.Length);
            if (room <= 0)
            {
                return;
            }

            _stream.Append(text.AsSpan(0, room));
        }

        _changed?.Invoke();
    }
}
