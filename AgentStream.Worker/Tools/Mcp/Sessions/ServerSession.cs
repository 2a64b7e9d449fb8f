using System.Text.Json;
using System.Text.Json.Nodes;
using AgentStream.Worker.Tools.Arguments;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace AgentStream.Worker.Tools.Mcp.Sessions;

/// <summary>One session with an MCP server, from its handshake until it is left: requests in, raw results out.</summary>
/// <remarks>
/// The SDK's own types of results are not used: one member that it can't read (a kind of content that it does not know, a schema without
/// <c>type</c>) costs the whole result.
/// </remarks>
internal sealed class ServerSession(McpClient client, WatchedTransport transport, TimeProvider time) : IAsyncDisposable
{
    // A request whose connection has ended is told at once; this is for one that is not.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _forgotten = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _idle;
    private int _underWay;
    private bool _isLeft;

    public McpClient Client => client;

    /// <summary>Completes when the connection has ended.</summary>
    public Task<ClientCompletionDetails> Completion => client.Completion;

    /// <summary>Completes when the server has said that it knows nothing of this session.</summary>
    public Task Forgotten => _forgotten.Task;

    /// <summary>
    /// Takes no request any more.
    /// Completes once none waits for its answer, where the session is forgotten: the others are about to be told so too, each by itself.
    /// </summary>
    public async Task SettleAsync()
    {
        Task idle;
        lock (_lock)
        {
            _isLeft = true;
            idle = _underWay > 0 && _forgotten.Task.IsCompleted
                ? (_idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
        }

        await Task.WhenAny(idle, Task.Delay(Grace, time));
    }

    /// <summary>Sends a request and returns its result as it came.</summary>
    /// <exception cref="SessionForgottenException">
    /// The server does not know the session, or it is being left: the request was not taken.
    /// </exception>
    /// <exception cref="McpException">The server answered with an error.</exception>
    /// <exception cref="IOException">The connection ended.</exception>
    public async Task<JsonElement> RequestAsync(string method, JsonObject parameters, Action<JsonObject>? progress,
        CancellationToken cancellationToken)
    {
        Begin();
        try
        {
            using var watch = progress is null ? null : transport.Watch(parameters, progress);
            var request = client.SendRequestAsync(new JsonRpcRequest { Method = method, Params = parameters }, cancellationToken);
            if (await Task.WhenAny(request, client.Completion) != request)
            {
                try
                {
                    await Task.WhenAny(request).WaitAsync(Grace, time, cancellationToken);
                }
                catch (TimeoutException exception)
                {
                    throw new IOException("The connection ended during the request.", exception);
                }
            }

            return ElementOf((await request).Result);
        }
        catch (SessionForgottenException)
        {
            _forgotten.TrySetResult();
            throw;
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            // What the SDK says where its connection ends while an answer streams in.
            throw new IOException("The connection ended during the request.", exception);
        }
        finally
        {
            End();
        }
    }

    private void Begin()
    {
        lock (_lock)
        {
            if (_isLeft)
            {
                throw new SessionForgottenException("The session is being left.");
            }

            _underWay++;
        }
    }

    private void End()
    {
        lock (_lock)
        {
            if (--_underWay == 0)
            {
                _idle?.TrySetResult();
            }
        }
    }

    private static JsonElement ElementOf(JsonNode? result)
    {
        try
        {
            return result is null ? default : JsonSerializer.SerializeToElement(result, ToolJsonContext.Relaxed.JsonNode);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            // Half of a character in the name of a member.
            throw new JsonException("The result can't be read.", exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        await transport.DisposeAsync();
    }
}
