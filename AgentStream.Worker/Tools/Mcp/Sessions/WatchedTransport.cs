using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace AgentStream.Worker.Tools.Mcp.Sessions;

/// <summary>Stands between the SDK and its transport, for what the SDK loses on the way: the order of progress, and text that was
/// cut.</summary>
/// <remarks>
/// The SDK hands each message to a task of its own, so that progress arrives in any order, and late or never where the result comes close
/// after it.
/// Here it is taken in the order of the wire, ahead of the result.
/// </remarks>
internal sealed partial class WatchedTransport(IClientTransport inner, ILogger logger) : IClientTransport, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Action<JsonObject>> _watchers = new(StringComparer.Ordinal);

    // Of the request that asks for the revisions that the server speaks.
    private RequestId _discovery;

    public string Name => inner.Name;

    public async Task<ITransport> ConnectAsync(CancellationToken cancellationToken = default) =>
        new Session(await inner.ConnectAsync(cancellationToken), this);

    /// <summary>Asks for the progress of a request that is about to be sent.</summary>
    public IDisposable Watch(JsonObject parameters, Action<JsonObject> progress)
    {
        var token = Guid.NewGuid().ToString("N");
        _watchers[token] = progress;
        parameters["_meta"] = new JsonObject { ["progressToken"] = token };
        return new Watcher(_watchers, token);
    }

    public async ValueTask DisposeAsync()
    {
        if (inner is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }

    /// <summary>Takes what is for a watcher; the SDK gets the rest, in a form that it reads.</summary>
    private bool Take(ref JsonRpcMessage message)
    {
        try
        {
            switch (message)
            {
                case JsonRpcNotification { Method: NotificationMethods.ProgressNotification, Params: JsonObject parameters }
                    when parameters["progressToken"]?.ToString() is { } token && _watchers.TryGetValue(token, out var watcher):
                    watcher(parameters);
                    return true;
                case JsonRpcResponse { Result: { } result } response when WholeText.Of(result) is { } repaired:
                    response.Result = repaired;
                    return false;
                case JsonRpcResponse { Result: not JsonObject { Count: > 0 } } response when response.Id.Equals(_discovery):
                    // Some answer whatever they do not know with an empty result, where the SDK waits for an error.
                    message = new JsonRpcError
                    {
                        Id = response.Id,
                        Error = new JsonRpcErrorDetail { Code = (int)McpErrorCode.MethodNotFound, Message = "It says nothing of itself." },
                    };
                    return false;
                default:
                    return false;
            }
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException or ArgumentException)
        {
            // A message must not end the connection of all others.
            LogUnreadable(exception, inner.Name);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "MCP server {Server} sent a message that can't be read")]
    private partial void LogUnreadable(Exception exception, string server);

    private sealed class Session(ITransport inner, WatchedTransport owner) : ITransport
    {
        public string? SessionId => inner.SessionId;

        public ChannelReader<JsonRpcMessage> MessageReader { get; } = new OrderedReader(inner.MessageReader, owner);

        public Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default)
        {
            if (message is JsonRpcRequest { Method: RequestMethods.ServerDiscover } request)
            {
                owner._discovery = request.Id;
            }

            return inner.SendMessageAsync(message, cancellationToken);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class OrderedReader(ChannelReader<JsonRpcMessage> inner, WatchedTransport owner) : ChannelReader<JsonRpcMessage>
    {
        public override Task Completion => inner.Completion;

        public override bool TryRead(out JsonRpcMessage item)
        {
            while (inner.TryRead(out item!))
            {
                if (!owner.Take(ref item))
                {
                    return true;
                }
            }

            return false;
        }

        public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) =>
            inner.WaitToReadAsync(cancellationToken);
    }

    private sealed class Watcher(ConcurrentDictionary<string, Action<JsonObject>> watchers, string token) : IDisposable
    {
        public void Dispose() => watchers.TryRemove(token, out _);
    }
}
