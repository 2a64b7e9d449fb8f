using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Trouble;

/// <summary>
/// Says what is wrong with Redis: a sentence when it begins, another one when it becomes something else, one when it is over.
/// What others log of it meanwhile has no trace (<see cref="QuietLoggerFactory"/>).
/// </summary>
internal sealed partial class RedisWatch(
    IConnectionMultiplexer redis, RedisDiagnosis diagnosis, RedisReports reports, TimeProvider time, ILogger<RedisWatch> logger)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Redis may refuse one command and answer many: only after so long without a refusal it is over.</summary>
    private static readonly TimeSpan RefusalLasts = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _turn = new(1);
    private string? _said;
    private string? _refusal;
    private long _refusedAt;

    /// <summary>Looks, and says what is new.</summary>
    /// <returns>What is wrong, and what to set; <c>null</c>: nothing that can be seen from here.</returns>
    public async Task<string?> LookAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var wasNoted = reports.Take();
            var trouble = await diagnosis.FindAsync(cancellationToken) ?? Refused() ?? Unsteady(wasNoted);
            if (trouble != _said)
            {
                _said = trouble;
                if (trouble is null)
                {
                    LogOver(diagnosis.Name);
                }
                else
                {
                    LogTrouble(trouble);
                }
            }

            return trouble;
        }
        finally
        {
            _turn.Release();
        }
    }

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        redis.ConnectionFailed += OnFailed;
        try
        {
            while (true)
            {
                await LookAsync(stoppingToken);
                await (_said is null ? reports.WaitAsync(stoppingToken) : Task.Delay(Pause, time, stoppingToken));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
        finally
        {
            redis.ConnectionFailed -= OnFailed;
        }
    }

    private void OnFailed(object? sender, ConnectionFailedEventArgs args) => reports.Note(args.Exception);

    private string? Refused()
    {
        if (reports.TakeRefusal() is { } message && RedisFailures.RefusalIn(message) is { } code)
        {
            _refusal = RedisFailures.Explain(code, message, diagnosis.Name);
            _refusedAt = time.GetTimestamp();
        }
        else if (_refusal is not null && time.GetElapsedTime(_refusedAt) >= RefusalLasts)
        {
            _refusal = null;
        }

        return _refusal;
    }

    // It answers here and did not answer elsewhere, or the client has not come back to it yet: whatever was said still holds.
    private string? Unsteady(bool wasNoted) => wasNoted || !redis.IsConnected
        ? _said ?? (wasNoted ? $"{diagnosis.Name} answered late, or broke a connection. What was under way is tried again." : null)
        : null;

    [LoggerMessage(Level = LogLevel.Error, Message = "{Trouble}")]
    private partial void LogTrouble(string trouble);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Redis} works again.")]
    private partial void LogOver(string redis);
}
