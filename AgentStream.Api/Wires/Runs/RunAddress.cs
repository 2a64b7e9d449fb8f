using System.Globalization;
using AgentStream.Messaging;

namespace AgentStream.Api.Wires.Runs;

/// <summary>Which run it is, and where that began: an id for clients to come back with. It names something and permits nothing.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Queued">The offset of its <c>run_queued</c>.</param>
/// <param name="SessionId">The session.</param>
internal readonly record struct RunAddress(RunId RunId, Offset Queued, SessionId SessionId)
{
    public const char Separator = '_';
    private const int Parts = 3;

    /// <summary>Reads what <see cref="ToString"/> writes: <c>0197…_12_my-session</c>.</summary>
    public static bool TryParse(string? text, out RunAddress address)
    {
        address = default;

        // The last part may have the separator in it; a run's id, which the server makes, has none.
        var parts = text?.Split(Separator, Parts) ?? [];
        if (parts.Length != Parts
            || !RunId.TryParse(parts[0], out var run)
            || !Offset.TryParse(parts[1], null, out var queued)
            || queued == Offset.Start
            || !SessionId.TryParse(parts[2], out var session))
        {
            return false;
        }

        address = new RunAddress(run, queued, session);
        return true;
    }

    /// <summary>What follows the run's id: <c>_12_my-session</c>.</summary>
    public string AfterRun => string.Create(CultureInfo.InvariantCulture, $"{Separator}{Queued.Value}{Separator}{SessionId}");

    public override string ToString() => RunId + AfterRun;
}
