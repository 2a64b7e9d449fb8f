using Microsoft.Extensions.Logging;

namespace AgentStream.Messaging.Redis.Trouble;

/// <summary>
/// Makes loggers that write what Redis did to whom, at its level, but the trace of the exception at Debug alone: it would be the same with
/// each call. What is wrong with Redis, <see cref="RedisWatch"/> says once.
/// </summary>
internal sealed class QuietLoggerFactory(ILoggerFactory inner, RedisReports reports) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new Logger(inner.CreateLogger(categoryName), reports);

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose() => inner.Dispose();

    private sealed class Logger(ILogger inner, RedisReports reports) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            // What is critical ends the process, and has to say why. What only has such a cause may be a defect of ours.
            if (exception is not null && logLevel is LogLevel.Information or LogLevel.Warning or LogLevel.Error
                && RedisFailures.Is(exception))
            {
                reports.Note(exception);
                inner.Log(logLevel, eventId, state, null, formatter);
                logLevel = LogLevel.Debug;
            }

            inner.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
