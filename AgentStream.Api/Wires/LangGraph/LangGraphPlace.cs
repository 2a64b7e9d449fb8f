using System.Globalization;
using AgentStream.Messaging;

namespace AgentStream.Api.Wires.LangGraph;

/// <summary>The place of an event: the entry that it is of, and which of the events of that entry it is.</summary>
/// <param name="Position">The entry.</param>
/// <param name="Number">Counts from 0.</param>
internal readonly record struct LangGraphPlace(Cursor Position, int Number)
{
    private const char Separator = ':';

    /// <summary>The place of a client that has answered what a run asks: all that was told before.</summary>
    public static LangGraphPlace OfAnswer(Cursor position) => new(position, int.MaxValue);

    public bool IsOfAnAnswer => Number == int.MaxValue;

    /// <summary>Tells whether it comes after another one. Offsets go on from one epoch to the next.</summary>
    public bool IsAfter(LangGraphPlace other)
        => Position.After != other.Position.After ? Position.After > other.Position.After : Number > other.Number;

    /// <summary>Reads what <see cref="ToString"/> writes: <c>3f2a…:17:0</c>.</summary>
    public static bool TryParse(string text, out LangGraphPlace place)
    {
        place = default;
        var parts = text.Split(Separator);
        if (parts.Length != 3
            || !Epoch.TryParse(parts[0], out var epoch)
            || !Offset.TryParse(parts[1], null, out var offset)
            || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        place = new LangGraphPlace(new Cursor(epoch, offset), number);
        return true;
    }

    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{Position.Epoch}{Separator}{Position.After.Value}{Separator}{Number}");
}
