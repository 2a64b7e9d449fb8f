using System.Globalization;
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
    private const char Separator = '_';
    private const char BeforePart = '.';
    private const int Parts = 3;

    /// <summary>
    /// The id of one that was asked for with <c>store: false</c>: it does not say where the run is, so nobody can come back to it.
    /// </summary>
    public static string Unstored(RunId runId, int part) => Prefix + NameOf(runId, part);

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

        // The last part may have the separator in it; a run's id, which the server makes, has none.
        var parts = text[Prefix.Length..].Split(Separator, Parts);
        var name = parts[0].Split(BeforePart);
        var part = 0;
        if (parts.Length != Parts
            || name.Length > 2
            || (name.Length == 2 && (!int.TryParse(name[1], NumberStyles.None, CultureInfo.InvariantCulture, out part) || part == 0))
            || !RunId.TryParse(name[0], out var run)
            || !Offset.TryParse(parts[1], null, out var queued)
            || queued == Offset.Start
            || !SessionId.TryParse(parts[2], out var session))
        {
            return false;
        }

        id = new ResponseId(run, queued, session, part);
        return true;
    }

    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{NameOf(RunId, Part)}{Separator}{Queued.Value}{Separator}{SessionId}");

    private static string NameOf(RunId runId, int part)
        => part == 0 ? runId.Value : string.Create(CultureInfo.InvariantCulture, $"{runId}{BeforePart}{part}");
}
