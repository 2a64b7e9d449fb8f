using System.Globalization;

namespace AgentStream.Samples.Terminal;

/// <summary>The place of a client in a session's log: all that is needed to go on after a lost connection.</summary>
/// <param name="Epoch">One life of the log.</param>
/// <param name="Seq">The last offset that the client has.</param>
internal sealed record Cursor(string Epoch, long Seq)
{
    public static bool TryParse(string? text, out Cursor? cursor)
    {
        cursor = text?.Split(':') is [{ Length: > 0 } epoch, var seq]
            && long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new Cursor(epoch, number)
            : null;
        return cursor is not null;
    }

    /// <summary>The meaning of a frame for a client that has come so far.</summary>
    /// <returns>Whether to show it, and the cursor after it.</returns>
    /// <exception cref="GapException">Something between the cursor and the frame is missing.</exception>
    public static (bool IsNew, Cursor? Next) Follow(Cursor? cursor, Frame frame)
    {
        if (frame.Type is "snapshot" or "resync")
        {
            // It stands for everything up to its last_seq.
            return (true, new Cursor(frame.Text("epoch")!, frame.Data.GetProperty("last_seq").GetInt64()));
        }

        if (frame.Seq is not { } seq || cursor is null)
        {
            return (true, cursor);
        }

        // Merged deltas stand for several entries, from first_seq to seq.
        var first = frame.FirstSeq ?? seq;
        if (first > cursor.Seq + 1)
        {
            throw new GapException();
        }

        return seq <= cursor.Seq ? (false, cursor) : (true, cursor with { Seq = seq });
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch}:{Seq}");
}

/// <summary>Entries are missing: connect again with the cursor.</summary>
internal sealed class GapException : Exception;
