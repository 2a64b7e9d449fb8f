using System.Globalization;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;

namespace AgentStream.Api.Wires.OpenAI.Responses;

/// <summary>The id of a response: which run it is, and where that began. It names something and permits nothing.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Queued">The offset of its <c>run_queued</c>.</param>
/// <param name="SessionId">The session.</param>
/// <param name="Part">Which part of the run it is: a run that asks its caller to execute calls has several.</param>
internal readonly record struct ResponseId(RunId RunId, Offset Queued, SessionId SessionId, int Part = 0)
{
    private const string Prefix = "resp_";
    private const char BeforePart = '.';

    /// <summary>
    /// The id of one that was asked for with <c>store: false</c>: it does not say where the run is, so nobody can come back to it.
    /// </summary>
    public static string Unstored(RunId runId, int part)
        => part == 0 ? $"{Prefix}{runId}" : string.Create(CultureInfo.InvariantCulture, $"{Prefix}{runId}{BeforePart}{part}");

    /// <summary>
    /// Reads what <see cref="ToString"/> writes: <c>resp_0197…_12_my-session</c>, or <c>resp_0197….2_12_my-session</c> for its part 2.
    /// </summary>
    public static bool TryParse(string? text, out ResponseId id)
    {
        id = default;
        if (text is null || !text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        // A run's id, which the server makes, has no point in it; a session's may have one.
        var rest = text[Prefix.Length..];
        var (part, end) = (0, rest.IndexOf(RunAddress.Separator));
        if (end > 0 && rest.IndexOf(BeforePart, 0, end) is >= 0 and var point)
        {
            if (!int.TryParse(rest.AsSpan(point + 1, end - point - 1), NumberStyles.None, CultureInfo.InvariantCulture, out part)
                || part == 0)
            {
                return false;
            }

            rest = rest.Remove(point, end - point);
        }

        if (!RunAddress.TryParse(rest, out var address))
        {
            return false;
        }

        id = new ResponseId(address.RunId, address.Queued, address.SessionId, part);
        return true;
    }

    public override string ToString() => Unstored(RunId, Part) + new RunAddress(RunId, Queued, SessionId).AfterRun;
}
