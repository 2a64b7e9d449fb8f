using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace AgentStream.Client;

/// <summary>A place in a session's log: all that is needed to go on after it, also from another process.</summary>
/// <param name="Epoch">One life of the log.</param>
/// <param name="Seq">The last offset that was read.</param>
public sealed record Cursor(string Epoch, long Seq)
{
    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <param name="text">The text.</param>
    /// <param name="cursor">What it says.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Cursor? cursor)
    {
        cursor = text?.Split(':') is [{ Length: > 0 } epoch, var seq]
            && long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new Cursor(epoch, number)
            : null;
        return cursor is not null;
    }

    /// <summary>The cursor as a text, <c>epoch:seq</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch}:{Seq}");
}
