using AgentStream.Messaging.Log;
using AgentStream.Messaging.Redis.Trouble;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace AgentStream.Tests.Messaging.Redis.Trouble;

/// <summary>What is kept of a line whose exception is trouble with Redis, and that all others stay as they are.</summary>
public sealed class QuietLoggerFactoryTests
{
    private static readonly Exception[] Troubles =
        [
            new StoreUnavailableException("away"),
            new RedisConnectionException(ConnectionFailureType.SocketFailure, "away"),
            new RedisTimeoutException("late", CommandStatus.Sent),
            new RedisServerException("NOPERM this user has no permissions to run the 'eval' command"),
            new RedisServerException("Error: NOPERM this user has no permissions to run the 'ping' command"),
        ];

    private static readonly Exception[] Others =
        [
            new InvalidOperationException("A defect."),
            new InvalidOperationException("A defect.", new StoreUnavailableException("away")),
            new RedisServerException("ERR unknown command"),
        ];

    [Fact]
    public void Log_OfTroubleWithRedis_KeepsLineAndLevelAndHasTheTraceAtDebug()
    {
        foreach (var trouble in Troubles)
        {
            foreach (var level in new[] { LogLevel.Information, LogLevel.Warning, LogLevel.Error })
            {
                Assert.Equal([(level, "Told.", null), (LogLevel.Debug, "Told.", trouble)], Write(level, trouble, out var reports));
                Assert.True(reports.Take());
            }
        }
    }

    [Fact]
    public void Log_OfAnythingElse_StaysAsItIs()
    {
        foreach (var other in Others.Append(null))
        {
            foreach (var level in Enum.GetValues<LogLevel>())
            {
                Assert.Equal([(level, "Told.", other)], Write(level, other, out var reports));
                Assert.False(reports.Take());
            }
        }
    }

    [Fact]
    public void Log_OfWhatIsCritical_StaysAsItIs()
        => Assert.All(Troubles, trouble => Assert.Equal(
            [(LogLevel.Critical, "Told.", trouble)], Write(LogLevel.Critical, trouble, out _)));

    private static List<(LogLevel Level, string Text, Exception? Exception)> Write(
        LogLevel level, Exception? exception, out RedisReports reports)
    {
        var inner = new Recorder();
        using var factory = new QuietLoggerFactory(inner, reports = new RedisReports());
        factory.CreateLogger("any").Log(level, default, "Told.", exception, (text, _) => text);
        return inner.Lines;
    }

    private sealed class Recorder : ILoggerFactory, ILogger
    {
        public List<(LogLevel Level, string Text, Exception? Exception)> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => Lines.Add((logLevel, formatter(state, exception), exception));
    }
}
