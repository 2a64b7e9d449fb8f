using AgentStream.Messaging;
using AgentStream.Messaging.Log;

namespace AgentStream.Worker.Tools.Notes;

/// <summary>
/// Removes the notes of sessions that were erased: at once where this worker hears of it,
/// and at its start and every hour those of which it did not hear.
/// </summary>
internal sealed partial class NoteErasure(NoteStore notes, IErasures erasures, TimeProvider time, ILogger<NoteErasure> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>A session was erased just now.</summary>
    public Task EraseAsync(SessionId sessionId, CancellationToken cancellationToken)
        => EraseAsync(sessionId, time.GetUtcNow(), cancellationToken);

    /// <summary>Removes the notes of all sessions that were erased.</summary>
    /// <exception cref="StoreUnavailableException">The store can't be reached.</exception>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        foreach (var (sessionId, at) in await erasures.FindAsync(notes.Sessions(), cancellationToken))
        {
            await EraseAsync(sessionId, at, cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                try
                {
                    await SweepAsync(stoppingToken);
                }
                catch (Exception exception) when (exception is StoreUnavailableException or IOException or UnauthorizedAccessException)
                {
                    LogNotSwept(exception);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The worker stops.
        }
    }

    private async Task EraseAsync(SessionId sessionId, DateTimeOffset through, CancellationToken cancellationToken)
    {
        try
        {
            await notes.EraseAsync(sessionId, through, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotErased(exception, sessionId);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Error, Message = "The notes of session {SessionId}, which was erased, can't be removed; it is tried every hour.")]
    private partial void LogNotErased(Exception exception, SessionId sessionId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Notes of erased sessions could not be looked for; they are in an hour.")]
    private partial void LogNotSwept(Exception exception);
}
