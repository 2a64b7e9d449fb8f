using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using AgentStream.Worker.Tools.Mcp.Sessions;
using AgentStream.Worker.Tools.Mcp.SignIn;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace AgentStream.Worker.Tools.Mcp;

/// <summary>One MCP server: connects, lists its tools, follows their changes, and connects again when it is gone, with growing pauses and
/// for ever.</summary>
/// <remarks>Tools that were there stay for a few attempts to come back: a model is told better that a server is away than that its tool
/// never was.</remarks>
internal sealed partial class McpConnection(
    string name, McpServerOptions options, McpSignIns? signIns, TimeProvider time, ILoggerFactory loggers)
{
    private const int AttemptsBeforeToolsGo = 3;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = loggers.CreateLogger<McpConnection>();
    private readonly Channel<bool> _look =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _lock = new();
    private TaskCompletionSource<ServerSession> _session = NoSession();
    private volatile IReadOnlyList<AgentTool> _tools = [];
    private volatile IReadOnlyList<MissingTool> _missing = [Away(name)];
    private bool _isRenewing;
    private int _callsUnderWay;
    private int _callsEnded;

    /// <summary>Raised after <see cref="Tools"/> or <see cref="Missing"/> has changed.</summary>
    public event Action? Changed;

    public string Name => name;

    public IReadOnlyList<AgentTool> Tools => _tools;

    /// <summary>Tools that the server has or may have and that can't be used, with the reason.</summary>
    public IReadOnlyList<MissingTool> Missing => _missing;

    public async Task RunAsync(CancellationToken stop)
    {
        for (var failures = 1; ; failures++)
        {
            var isForgotten = false;
            var isForOperators = false;
            try
            {
                await ServeAsync(() => failures = 0, stop);
            }
            catch (SessionForgottenException exception) when (!stop.IsCancellationRequested && failures == 0)
            {
                // Only a request brings it about, so that this can't go on by itself.
                LogForgotten(exception, name);
                isForgotten = true;
            }
            catch (Exception exception) when (!stop.IsCancellationRequested && McpSignInException.In(exception) is { } needed)
            {
                LogSignIn(needed.Message, failures);
                GiveUpRenewing();
                isForOperators = true;
                // Nobody knows when somebody will.
                Publish([], [Away(name, needed)]);
            }
            catch (Exception exception) when (!stop.IsCancellationRequested)
            {
                LogDown(exception, name, failures);
                GiveUpRenewing();
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogCloseFailed(exception, name);
            }

            if (stop.IsCancellationRequested)
            {
                return;
            }

            if (isForgotten)
            {
                continue;
            }

            if (failures >= AttemptsBeforeToolsGo && !isForOperators)
            {
                Publish([], [Away(name)]);
            }

            try
            {
                await Task.Delay(Pause(failures), time, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Calls a tool by the server's own name for it.</summary>
    /// <returns>The result as it came.</returns>
    /// <exception cref="ToolException">The server is not there, refuses the call, or was lost during it.</exception>
    public async Task<JsonElement> CallAsync(
        string tool, IEnumerable<KeyValuePair<string, object?>> arguments, Action<JsonObject> progress, CancellationToken cancellationToken)
    {
        var session = await SessionAsync(forgotten: null, cancellationToken);
        Interlocked.Increment(ref _callsUnderWay);
        try
        {
            try
            {
                return await CallOnceAsync(session, tool, arguments, progress, cancellationToken);
            }
            catch (SessionForgottenException)
            {
                // It said that it did not take the call: made once more, it is made once.
                session = await SessionAsync(session, cancellationToken);
                return await CallOnceAsync(session, tool, arguments, progress, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is not ToolException && !cancellationToken.IsCancellationRequested)
        {
            LogCallFailed(exception, name, tool);
            if (McpFailure.IsDoubtful(exception))
            {
                _look.Writer.TryWrite(true);
            }

            throw McpFailure.Of(name, exception);
        }
        finally
        {
            Interlocked.Increment(ref _callsEnded);
            Interlocked.Decrement(ref _callsUnderWay);
        }
    }

    private static Task<JsonElement> CallOnceAsync(
        ServerSession session, string tool, IEnumerable<KeyValuePair<string, object?>> arguments, Action<JsonObject> progress,
            CancellationToken cancellationToken)
    {
        var members = arguments.Select(argument => KeyValuePair.Create(
            argument.Key,
            argument.Value is null ? null
                : JsonSerializer.SerializeToNode(argument.Value, McpJsonUtilities.DefaultOptions.GetTypeInfo(argument.Value.GetType()))));
        var parameters = new JsonObject { ["name"] = tool, ["arguments"] = new JsonObject(members) };
        return session.RequestAsync(RequestMethods.ToolsCall, parameters, progress, cancellationToken);
    }

    private static TimeSpan Pause(int failures)
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(failures - 1, 10));
        return pause < LongestPause ? pause : LongestPause;
    }

    private static MissingTool Away(string server, McpSignInException? needed = null) =>
        new(McpToolNames.PrefixOf(server) + "*", needed is null
            ? $"The MCP server '{server}' is not connected; the log of the worker says why."
            : $"The MCP server '{server}' wants to be signed in to; the log of the worker says what an operator has to do.");

    private static TaskCompletionSource<ServerSession> NoSession() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The session that there is, or, where the server has forgotten one, the next.</summary>
    /// <param name="forgotten">One that the caller was refused in; null: none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    private async Task<ServerSession> SessionAsync(ServerSession? forgotten, CancellationToken cancellationToken)
    {
        if (forgotten is not null)
        {
            Leave(forgotten, isForgotten: true);
        }

        Task<ServerSession> session;
        lock (_lock)
        {
            session = _session.Task;
            if (!session.IsCompleted && !_isRenewing)
            {
                throw NotConnected();
            }
        }

        try
        {
            return await session.WaitAsync(options.StartTimeout, time, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw new ToolException(
                $"The tool server '{name}' has forgotten this session and could not be asked for a new one. Try again later, or do "
                    + "without.",
                exception);
        }
    }

    private ToolException NotConnected() =>
        new($"The tool server '{name}' is not connected at the moment. Try again later, or do without.");

    private void Leave(ServerSession session, bool isForgotten)
    {
        lock (_lock)
        {
            if (_session.Task.IsCompletedSuccessfully && _session.Task.Result == session)
            {
                _session = NoSession();
                _isRenewing = isForgotten;
            }
        }
    }

    /// <summary>Those who wait for a new session are told that there is none.</summary>
    private void GiveUpRenewing()
    {
        lock (_lock)
        {
            if (_isRenewing)
            {
                _isRenewing = false;
                _session.TrySetException(NotConnected());
                _ = _session.Task.Exception;
                _session = NoSession();
            }
        }
    }

    private async Task ServeAsync(Action connected, CancellationToken stop)
    {
        var session = await ConnectAsync(stop);
        using var left = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var listening = Task.CompletedTask;
        try
        {
            await ListAsync(session, stop);
            lock (_lock)
            {
                _session.TrySetResult(session);
                _isRenewing = false;
            }

            connected();
            LogConnected(name, _tools.Count);
            listening = ListenAsync(session.Client, left.Token);
            await FollowAsync(session, stop);
        }
        finally
        {
            Leave(session, isForgotten: session.Forgotten.IsCompleted);
            await left.CancelAsync();
            await LeaveAsync(session, listening);
        }
    }

    /// <summary>A server that does not let go of a request must not hold up the worker's own end.</summary>
    private async Task LeaveAsync(ServerSession session, Task listening)
    {
        await session.SettleAsync();
        var leaving = Task.WhenAll(session.DisposeAsync().AsTask(), listening);
        try
        {
            await leaving.WaitAsync(CloseTimeout, time);
        }
        catch (TimeoutException exception)
        {
            LogCloseFailed(exception, name);
        }
    }

    private async Task FollowAsync(ServerSession session, CancellationToken stop)
    {
        while (true)
        {
            using var wake = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var look = _look.Reader.WaitToReadAsync(wake.Token).AsTask();
            await Task.WhenAny(session.Completion, session.Forgotten, look, Task.Delay(options.RefreshInterval, time, wake.Token));
            await wake.CancelAsync();
            stop.ThrowIfCancellationRequested();
            if (session.Forgotten.IsCompleted)
            {
                throw new SessionForgottenException("The server does not know the session any more.");
            }

            if (session.Completion.IsCompleted)
            {
                throw new IOException("The connection ended.", (await session.Completion).Exception);
            }

            _look.Reader.TryRead(out _);
            var ended = Volatile.Read(ref _callsEnded);
            try
            {
                await ListAsync(session, stop);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested && !session.Completion.IsCompleted && IsBusy(ended))
            {
                // Many servers do one thing at a time. Left now, it would be killed in the middle of what it is asked to do.
                LogBusy(name);
            }
        }
    }

    /// <summary>A call is under way, or was while the list was waited for.</summary>
    /// <param name="ended">How many calls had ended before it was asked for.</param>
    private bool IsBusy(int ended) => Volatile.Read(ref _callsUnderWay) > 0 || Volatile.Read(ref _callsEnded) != ended;

    /// <summary>Since revision 2026-07-28 a server tells of changes only whoever asks to be told, for as long as this request
    /// stands.</summary>
    private async Task ListenAsync(McpClient client, CancellationToken left)
    {
        if (string.CompareOrdinal(client.NegotiatedProtocolVersion, "2026-07-28") < 0)
        {
            return;
        }

        var wanted =
            new SubscriptionsListenRequestParams { Notifications = new SubscriptionsListenNotifications { ToolsListChanged = true } };
        var request = new JsonRpcRequest
        {
            Method = RequestMethods.SubscriptionsListen,
            Params = JsonSerializer.SerializeToNode(wanted,
                McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(SubscriptionsListenRequestParams))),
        };
        try
        {
            await client.SendRequestAsync(request, left);
        }
        catch (OperationCanceledException) when (left.IsCancellationRequested)
        {
            // Left.
        }
        catch (Exception exception)
        {
            // The list is asked for again every now and then anyway.
            LogNotListening(exception, name);
        }
    }

    private async Task<ServerSession> ConnectAsync(CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(options.StartTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop);
        var client = new McpClientOptions
        {
            ClientInfo =
                new Implementation { Name = "AgentStream", Version = typeof(McpConnection).Assembly.GetName().Version!.ToString(3) },
            InitializationTimeout = options.StartTimeout,
            Handlers = new McpClientHandlers
            {
                NotificationHandlers = [new(NotificationMethods.ToolListChangedNotification, ToolsChangedAsync)],
            },
        };
        if (signIns is not null)
        {
            await signIns.EnsureAsync(name, options, either.Token);
        }

        var transport = new WatchedTransport(McpTransports.Create(name, options, signIns, loggers), _logger);
        try
        {
            return new ServerSession(await McpClient.CreateAsync(transport, client, loggers, either.Token), transport, time);
        }
        catch
        {
            await transport.DisposeAsync();
            throw;
        }
    }

    private ValueTask ToolsChangedAsync(JsonRpcNotification notification, CancellationToken cancellationToken)
    {
        _look.Writer.TryWrite(true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Also tells whether the server still answers.</summary>
    private async Task ListAsync(ServerSession session, CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(options.StartTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop);
        var list = await McpToolList.AskAsync(name, options, session, either.Token);
        foreach (var tool in list.Missing.Except(_missing))
        {
            LogMissing(name, tool.Name, tool.Reason);
        }

        Publish([.. list.Tools.Select(listed => ToolOf(listed.Tool, listed.Name))], list.Missing);
    }

    private AgentTool ToolOf(ListedTool tool, string toolName) =>
        new(new McpFunction(this, tool, toolName), tool.Schema)
        {
            Type = "extension",
            IsIdempotent = tool.IsIdempotent,
            IsConcurrencySafe = tool.IsReadOnly,
            RequiresApproval = options.RequiresApproval,
            Timeout = options.CallTimeout,
        };

    private void Publish(IReadOnlyList<AgentTool> tools, IReadOnlyList<MissingTool> missing)
    {
        if (SameAs(tools) && missing.SequenceEqual(_missing))
        {
            return;
        }

        _tools = tools;
        _missing = missing;
        Changed?.Invoke();
    }

    private bool SameAs(IReadOnlyList<AgentTool> tools) => tools.Count == _tools.Count && tools.Zip(_tools).All(pair =>
        pair.First.Name == pair.Second.Name
        && pair.First.Description == pair.Second.Description
        && pair.First.IsIdempotent == pair.Second.IsIdempotent
        && pair.First.IsConcurrencySafe == pair.Second.IsConcurrencySafe
        && pair.First.JsonSchema.GetRawText() == pair.Second.JsonSchema.GetRawText());

    [LoggerMessage(LogLevel.Information, "MCP server {Server} is connected: {Tools} tools")]
    private partial void LogConnected(string server, int tools);

    [LoggerMessage(LogLevel.Warning, "MCP server {Server} is not there (attempt {Attempt}); its tools are missing until it is")]
    private partial void LogDown(Exception exception, string server, int attempt);

    [LoggerMessage(LogLevel.Warning, "{What} (attempt {Attempt})")]
    private partial void LogSignIn(string what, int attempt);

    [LoggerMessage(LogLevel.Information, "MCP server {Server} has forgotten the session; a new one is begun")]
    private partial void LogForgotten(Exception exception, string server);

    [LoggerMessage(LogLevel.Debug, "MCP server {Server} does not list its tools while it is busy with a call; it is asked again later")]
    private partial void LogBusy(string server);

    [LoggerMessage(LogLevel.Warning, "MCP server {Server} could not be left in good order")]
    private partial void LogCloseFailed(Exception exception, string server);

    [LoggerMessage(LogLevel.Warning, "A call of {Tool} of the MCP server {Server} failed")]
    private partial void LogCallFailed(Exception exception, string server, string tool);

    [LoggerMessage(LogLevel.Debug, "MCP server {Server} does not tell of changed tools")]
    private partial void LogNotListening(Exception exception, string server);

    [LoggerMessage(LogLevel.Warning, "MCP server {Server} has the tool {Tool}, which is left out: {Reason}")]
    private partial void LogMissing(string server, string tool, string reason);
}
