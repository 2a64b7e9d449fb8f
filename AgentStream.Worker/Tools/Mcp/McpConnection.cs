using System.Text.Json;
using System.Threading.Channels;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace AgentStream.Worker.Tools.Mcp;

/// <summary>One MCP server: connects, lists its tools, follows their changes, and connects again when it is gone, with growing pauses and for ever.</summary>
/// <remarks>Tools that were there stay for a few attempts to come back: a model is told better that a server is away than that its tool never was.</remarks>
internal sealed partial class McpConnection(string name, McpServerOptions options, TimeProvider time, ILoggerFactory loggers)
{
    private const int MaxTools = 256;
    private const int AttemptsBeforeToolsGo = 3;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FarewellTimeout = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = loggers.CreateLogger<McpConnection>();
    private readonly Channel<bool> _look = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile McpClient? _client;
    private volatile IReadOnlyList<AgentTool> _tools = [];
    private int _callsUnderWay;
    private int _callsEnded;

    /// <summary>Raised after <see cref="Tools"/> has changed.</summary>
    public event Action? Changed;

    public string Name => name;

    public IReadOnlyList<AgentTool> Tools => _tools;

    public async Task RunAsync(CancellationToken stop)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                await ServeAsync(() => failures = 0, stop);
            }
            catch (Exception exception) when (!stop.IsCancellationRequested)
            {
                LogDown(exception, name, failures);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFarewell(exception, name);
            }
            finally
            {
                _client = null;
            }

            if (stop.IsCancellationRequested)
            {
                return;
            }

            if (failures >= AttemptsBeforeToolsGo)
            {
                Publish([]);
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
    /// <exception cref="ToolException">The server is not there, refuses the call, or was lost during it.</exception>
    public async Task<CallToolResult> CallAsync(
        string tool, IReadOnlyDictionary<string, object?> arguments, IProgress<ProgressNotificationValue> progress, CancellationToken cancellationToken)
    {
        var client = _client ?? throw new ToolException($"The tool server '{name}' is not connected at the moment. Try again later, or do without.");
        var lost = client.Completion;
        Interlocked.Increment(ref _callsUnderWay);
        try
        {
            var call = client.CallToolAsync(tool, arguments, progress, options: null, cancellationToken).AsTask();
            // The connection may end without the call being told.
            if (await Task.WhenAny(call, lost) == lost && !call.IsCompleted)
            {
                throw new IOException("The connection ended during the call.");
            }

            return await call;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (McpProtocolException exception)
        {
            // Only these two say that nothing was begun; any other error may come from behind the effect.
            var nothingHappened = exception.ErrorCode is McpErrorCode.MethodNotFound or McpErrorCode.InvalidParams;
            throw new ToolException($"The tool server '{name}' {(nothingHappened ? "refused the call" : "answered with an error")}: {exception.Message}", exception) { InDoubt = !nothingHappened };
        }
        catch (Exception exception)
        {
            LogCallLost(exception, name, tool);
            _look.Writer.TryWrite(true);
            throw new ToolException($"The connection to the tool server '{name}' was lost during the call.", exception) { InDoubt = true };
        }
        finally
        {
            Interlocked.Increment(ref _callsEnded);
            Interlocked.Decrement(ref _callsUnderWay);
        }
    }

    private static TimeSpan Pause(int failures)
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(failures - 1, 10));
        return pause < LongestPause ? pause : LongestPause;
    }

    private async Task ServeAsync(Action connected, CancellationToken stop)
    {
        var client = await ConnectAsync(stop);
        using var left = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var listening = Task.CompletedTask;
        try
        {
            await ListAsync(client, stop);
            _client = client;
            connected();
            LogConnected(name, _tools.Count);
            listening = ListenAsync(client, left.Token);
            await FollowAsync(client, stop);
        }
        finally
        {
            _client = null;
            await left.CancelAsync();
            await LeaveAsync(client, listening);
        }
    }

    /// <summary>A server that does not let go of a request must not hold up the worker's own end.</summary>
    private async Task LeaveAsync(McpClient client, Task listening)
    {
        var leaving = Task.WhenAll(client.DisposeAsync().AsTask(), listening);
        try
        {
            await leaving.WaitAsync(FarewellTimeout, time);
        }
        catch (TimeoutException exception)
        {
            LogFarewell(exception, name);
        }
    }

    private async Task FollowAsync(McpClient client, CancellationToken stop)
    {
        while (true)
        {
            using var wake = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var look = _look.Reader.WaitToReadAsync(wake.Token).AsTask();
            var first = await Task.WhenAny(client.Completion, look, Task.Delay(options.RefreshInterval, time, wake.Token));
            await wake.CancelAsync();
            stop.ThrowIfCancellationRequested();
            if (first == client.Completion)
            {
                throw new IOException("The connection ended.", (await client.Completion).Exception);
            }

            _look.Reader.TryRead(out _);
            var ended = Volatile.Read(ref _callsEnded);
            try
            {
                await ListAsync(client, stop);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested && !client.Completion.IsCompleted && IsBusy(ended))
            {
                // Many servers do one thing at a time. Left now, it would be killed in the middle of what it is asked to do.
                LogBusy(name);
            }
        }
    }

    /// <summary>A call is under way, or was while the list was waited for.</summary>
    /// <param name="ended">How many calls had ended before it was asked for.</param>
    private bool IsBusy(int ended) => Volatile.Read(ref _callsUnderWay) > 0 || Volatile.Read(ref _callsEnded) != ended;

    /// <summary>Since revision 2026-07-28 a server tells of changes only whoever asks to be told, for as long as this request stands.</summary>
    private async Task ListenAsync(McpClient client, CancellationToken left)
    {
        if (string.CompareOrdinal(client.NegotiatedProtocolVersion, "2026-07-28") < 0)
        {
            return;
        }

        var wanted = new SubscriptionsListenRequestParams { Notifications = new SubscriptionsListenNotifications { ToolsListChanged = true } };
        var request = new JsonRpcRequest
        {
            Method = RequestMethods.SubscriptionsListen,
            Params = JsonSerializer.SerializeToNode(wanted, McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(SubscriptionsListenRequestParams))),
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

    private async Task<McpClient> ConnectAsync(CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(options.StartTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop);
        var client = new McpClientOptions
        {
            ClientInfo = new Implementation { Name = "AgentStream", Version = typeof(McpConnection).Assembly.GetName().Version!.ToString(3) },
            InitializationTimeout = options.StartTimeout,
            Handlers = new McpClientHandlers
            {
                NotificationHandlers = [new(NotificationMethods.ToolListChangedNotification, ToolsChangedAsync)],
            },
        };
        return await McpClient.CreateAsync(McpTransports.Create(name, options, loggers), client, loggers, either.Token);
    }

    private ValueTask ToolsChangedAsync(JsonRpcNotification notification, CancellationToken cancellationToken)
    {
        _look.Writer.TryWrite(true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Also tells whether the server still answers.</summary>
    private async Task ListAsync(McpClient client, CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(options.StartTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop);
        var listed = await client.ListToolsAsync(cancellationToken: either.Token);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        List<AgentTool> tools = [];
        foreach (var tool in listed.Select(one => one.ProtocolTool).Where(IsWanted).OrderBy(one => one.Name, StringComparer.Ordinal))
        {
            if (tools.Count == MaxTools)
            {
                LogTooMany(name, MaxTools);
                break;
            }

            tools.Add(ToolOf(tool, McpToolNames.Add(name, tool.Name, taken)));
        }

        Publish(tools);
    }

    private bool IsWanted(Tool tool) => options.Tools.Count == 0 || options.Tools.Any(pattern => ToolPattern.Fits(pattern, tool.Name));

    // Hints are claims of the server: without one, or where two of them contradict each other, the careful answer holds.
    private AgentTool ToolOf(Tool tool, string toolName)
    {
        var hints = tool.Annotations;
        var readOnly = hints?.ReadOnlyHint == true && hints.DestructiveHint != true;
        return new AgentTool(new McpFunction(this, tool, toolName))
        {
            Type = "extension",
            IsIdempotent = readOnly || hints?.IdempotentHint == true,
            IsConcurrencySafe = readOnly,
            RequiresApproval = options.RequiresApproval,
            Timeout = options.CallTimeout,
        };
    }

    private void Publish(IReadOnlyList<AgentTool> tools)
    {
        if (SameAs(tools))
        {
            return;
        }

        _tools = tools;
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

    [LoggerMessage(LogLevel.Debug, "MCP server {Server} does not list its tools while it is busy with a call; it is asked again later")]
    private partial void LogBusy(string server);

    [LoggerMessage(LogLevel.Warning, "MCP server {Server} could not be left in good order")]
    private partial void LogFarewell(Exception exception, string server);

    [LoggerMessage(LogLevel.Warning, "MCP server {Server} was lost during a call of {Tool}")]
    private partial void LogCallLost(Exception exception, string server, string tool);

    [LoggerMessage(LogLevel.Debug, "MCP server {Server} does not tell of changed tools")]
    private partial void LogNotListening(Exception exception, string server);

    [LoggerMessage(LogLevel.Warning, "MCP server {Server} has more than {Max} tools; the others are left out")]
    private partial void LogTooMany(string server, int max);
}
