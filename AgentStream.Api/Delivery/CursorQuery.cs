using AgentStream.Api.Commands;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Delivery;

/// <summary>Reads where a reader says it stands.</summary>
internal static class CursorQuery
{
    /// <summary>From <c>?after=N&amp;epoch=E</c>; no <c>after</c>: no cursor.</summary>
    /// <returns>False: it is written wrong, see <paramref name="refusal"/>.</returns>
    public static bool TryRead(IQueryCollection query, out Cursor? cursor, out Refusal? refusal)
    {
        cursor = null;
        refusal = null;
        var (after, epoch) = (query["after"], query["epoch"]);
        if (after.Count == 0 && epoch.Count == 0)
        {
            return true;
        }

        Epoch? life = null;
        if (after.Count != 1 || !Offset.TryParse(after.ToString(), null, out var offset))
        {
            refusal = new Refusal(ErrorCodes.InvalidCursor, "after takes the last seq that you have, a whole number from 0.");
            return false;
        }

        if (epoch.Count > 0)
        {
            if (epoch.Count > 1 || !Epoch.TryParse(epoch.ToString(), out var given))
            {
                refusal = new Refusal(ErrorCodes.InvalidCursor, "epoch takes the epoch that came with the last seq that you have.");
                return false;
            }

            life = given;
        }

        cursor = new Cursor(life, offset);
        return true;
    }

    /// <summary>From <c>Last-Event-ID: epoch:seq</c>.</summary>
    public static bool TryReadEventId(string text, out Cursor cursor)
    {
        cursor = default;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !Epoch.TryParse(text[..colon], out var epoch) || !Offset.TryParse(text[(colon + 1)..], null, out var offset))
        {
            return false;
        }

        cursor = new Cursor(epoch, offset);
        return true;
    }
}
