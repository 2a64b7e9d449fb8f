using AgentStream.Tests.Simulation.Engine;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentStream.Tests.Simulation.Nodes;

/// <summary>What the simulated processes log, for somebody who looks at one seed.</summary>
internal static class SimLog
{
    /// <summary>Whether it is shown.</summary>
    public static bool IsShown { get; set; }

    public static ILoggerFactory For(SimProcess process) => IsShown ? new Factory(process) : NullLoggerFactory.Instance;

    public static void Write(SimWorld world, string text)
    {
        if (IsShown)
        {
            Console.WriteLine($"{world.Elapsed.TotalSeconds,9:0.0000} {text}");
        }
    }

    private sealed class Factory(SimProcess process) : ILoggerFactory, ILogger
    {
        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
            // Nothing is held.
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Write(process.World, $"{process.Name} {logLevel}: {formatter(state, exception)} {exception?.Message}");
            }
        }
    }
}
