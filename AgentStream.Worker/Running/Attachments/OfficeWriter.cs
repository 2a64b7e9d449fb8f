using System.Text;

namespace AgentStream.Worker.Running.Attachments;

/// <summary>Gathers lines up to a limit.</summary>
/// <param name="limit">The characters after which it is full.</param>
internal sealed class OfficeWriter(int limit)
{
    private readonly StringBuilder _text = new();

    public bool IsFull => _text.Length > limit;

    public void Append(string text) => _text.Append(text, 0, Math.Clamp(text.Length, 0, Math.Max(0, limit + 1 - _text.Length)));

    public void EndCell() => _text.Append('\t');

    public void EndLine()
    {
        while (_text.Length > 0 && _text[^1] == '\t')
        {
            _text.Length--;
        }

        _text.Append('\n');
    }

    public void Heading(string title) => _text.Append(_text.Length == 0 ? "" : "\n").Append("## ").Append(title).Append('\n');

    public override string ToString() => _text.ToString().Trim('\n');
}
