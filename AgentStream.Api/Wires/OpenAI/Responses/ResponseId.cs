using System.Globalization;
using AgentStream.Messaging;

namespace AgentStream.Api.Wires.OpenAI.Responses;

/// <summary>The id of a response: which run it is, and where that began. It names something and permits nothing.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Queued">The offset of its <c>run_queued</c>.</param>
/// <param name="SessionId">The session.</param>
internal readonly record struct ResponseId(RunId RunId, Offset Queued, SessionId SessionId)
{
    private const string Prefix = "resp_";
    private const char Separator = '_';
    private const int Parts = 3;

    /// <summary>
    /// The id of one that was asked for with <c>store: false</c>: it does not say where the run is, so nobody can come back to it.
    /// </summary>
    public static string Unstored(RunId runId) => Prefix + runId;

    /// <summary>Reads what <see cref="ToString"/> writes: <c>resp_0197…_12_my-session</c>.</summary>
    public static bool TryParse(string? text, out ResponseId id)
    {
        id = default;
        if (text is null || !text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        // The last part may have the separator in it; a run's id, which the server makes, has none.
        var parts = text[Prefix.Length..].Split(Separator, Parts);
        if (parts.Length != Parts
            || !RunId.TryParse(parts[0], out var run)
            || !Offset.TryParse(parts[1], null, out var queued)
            || queued == Offset.Start
            || !SessionId.TryParse(parts[2], out var session))
        {
            return false;
        }

        id = new ResponseId(run, queued, session);
        return true;
    }

    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{RunId}{Separator}{Queued.Value}{Separator}{SessionId}");
}
