using System.Collections.Concurrent;
using AgentStream.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Web;

public sealed class ClassicLogTests
{
    [Fact]
    public async Task Page_WhoseApiIsAway_LogsWhichSessionItWas()
    {
        await using var app = RunningWeb.Build(new() { ["AgentStream:Web:ApiInternalAddress"] = "http://127.0.0.1:9" });
        using var logs = new ScopedLogs();
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(logs);
        app.MapAgentStreamWeb();
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        using var response = await client.GetAsync(new Uri("/classic/of-this-session", UriKind.Relative));

        // The list of the agents was asked for too, and is of no session.
        Assert.Contains(logs.Lines, line => line.Message.StartsWith("The API can't be reached", StringComparison.Ordinal)
            && line.Scopes.Contains(new KeyValuePair<string, object>("session_id", "of-this-session")));
    }

    private sealed class ScopedLogs : ILoggerProvider, ISupportExternalScope
    {
        private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

        public ConcurrentQueue<(string Message, IReadOnlyList<KeyValuePair<string, object>> Scopes)> Lines { get; } = [];

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public ILogger CreateLogger(string categoryName) => new Collector(this);

        public void Dispose()
        {
            // Nothing is held.
        }

        private sealed class Collector(ScopedLogs logs) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => logs._scopes.Push(state);

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(
                LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                List<KeyValuePair<string, object>> scopes = [];
                logs._scopes.ForEachScope(
                    (scope, found) => found.AddRange(scope as IEnumerable<KeyValuePair<string, object>> ?? []), scopes);
                logs.Lines.Enqueue((formatter(state, exception), scopes));
            }
        }
    }
}
