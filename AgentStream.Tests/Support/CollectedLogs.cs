using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Support;

/// <summary>Keeps what was logged, for tests that promise a warning.</summary>
internal sealed class CollectedLogs : ILoggerProvider
{
    private readonly ConcurrentQueue<(LogLevel Level, string Message)> _lines = [];
    private readonly SemaphoreSlim _written = new(0);

    /// <summary>Waits until a line with this text was logged. One caller at a time.</summary>
    public async Task WaitForAsync(LogLevel level, string text)
    {
        while (!At(level).Any(line => line.Contains(text, StringComparison.Ordinal)))
        {
            await NextAsync();
        }
    }

    /// <summary>Waits for a line that nobody has waited for yet. One caller at a time.</summary>
    public async Task NextAsync() => Assert.True(await _written.WaitAsync(TestTimeouts.Default), "Nothing more was logged.");

    public IEnumerable<string> At(LogLevel level) => _lines.Where(line => line.Level == level).Select(line => line.Message);

    public ILogger CreateLogger(string categoryName) => new Collector(_lines, _written);

    public void Dispose()
    {
        // What ends late still logs.
    }

    private sealed class Collector(ConcurrentQueue<(LogLevel Level, string Message)> lines, SemaphoreSlim written) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lines.Enqueue((logLevel, formatter(state, exception)));
            written.Release();
        }
    }
}
