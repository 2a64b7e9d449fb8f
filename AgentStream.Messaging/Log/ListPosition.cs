using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace AgentStream.Messaging.Log;

/// <summary>
/// The place of a session in the list of its owner's, by last change.
/// A page token is that of the page's last session, so that what changes meanwhile makes no page repeat or skip what did not change.
/// </summary>
/// <param name="At">When it changed last, in whatever unit the home counts.</param>
/// <param name="SessionId">Which session; tells apart those that changed at the same time.</param>
internal readonly record struct ListPosition(long At, string SessionId) : IComparable<ListPosition>
{
    public int CompareTo(ListPosition other) => At != other.At ? At.CompareTo(other.At) : string.CompareOrdinal(SessionId, other.SessionId);

    public string ToToken()
        => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{At}:{SessionId}")));

    /// <summary>The place after which a page begins; <c>null</c>: it is the first.</summary>
    /// <exception cref="ArgumentException">The query asks for what no list gives.</exception>
    public static ListPosition? After(SessionQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, SessionQuery.MaxLimit);
        return query.PageToken is { } token ? Parse(token) : null;
    }

    private static ListPosition Parse(string token)
    {
        try
        {
            var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token)).Split(':', 2);
            if (parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var at))
            {
                return new ListPosition(at, parts[1]);
            }
        }
        catch (FormatException)
        {
            // Falls through: every token that is none of ours gets the same answer.
        }

        throw new ArgumentException("The page token is none that this list gave.", nameof(token));
    }
}
