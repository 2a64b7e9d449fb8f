using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentStream.Api.Commands;
using AgentStream.Api.Wires.JsonRpc;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.Mcp;

/// <summary>
/// One run as the stream that answers a call: its steps as progress, its questions as questions, its answer as the result.
/// </summary>
/// <remarks>The run is always read from its beginning; of what its client has already, nothing is told again.</remarks>
/// <param name="run">The run.</param>
/// <param name="request">The request that it answers.</param>
/// <param name="revision">The revision of MCP.</param>
/// <param name="canAsk">Whether the client puts questions to a person.</param>
internal sealed class McpTranslation(RunAddress run, McpRequestId request, McpRevision revision, bool canAsk) : IRunTranslation
{
    private readonly McpFold _fold = new(run);
    private readonly HashSet<ToolCallId> _asked = [];

    private Offset _position = run.Queued;
    private Offset _told = run.Queued;
    private bool _hasId;

    public bool IsOver { get; private set; }

    /// <summary>Where the client stands; <c>null</c>: it has nothing yet.</summary>
    public Offset? After { get; init; }

    /// <summary>The events of a run that the log does not tell any more.</summary>
    public IReadOnlyList<RunEvent> Ended { get; init; } = [];

    /// <summary>Knows what is answered with this request: it is not asked again.</summary>
    public void Answer(IEnumerable<ToolCallId> calls) => _asked.UnionWith(calls);

    public void Begin(IBufferWriter<byte> to)
    {
        if (After is { } after)
        {
            (_told, _hasId) = (after, true);
        }
        else if (revision.HasPriming)
        {
            _hasId = true;
            Encoding.UTF8.GetBytes($"id: {new McpEventId(run, run.Queued, request)}\ndata: \n\n", to);
        }

        foreach (var runEvent in Ended)
        {
            Write(runEvent, to);
        }
    }

    public void Write(in RunEvent runEvent, IBufferWriter<byte> to)
    {
        _position = runEvent.Position.After;
        var line = _fold.Take(runEvent.Event);
        if (runEvent.Event is ToolApprovalRequired required && _position < After)
        {
            _asked.Add(required.ToolCallId);
        }

        if (_fold.Result is { } result)
        {
            Emit(McpAnswers.Of(revision, request.Id, result, McpJson.Wire.McpToolResult), McpJson.Wire.RpcAnswer, to);
            IsOver = true;
        }
        else if (line is not null)
        {
            Progress(line, to);
        }
    }

    public void Pause(IBufferWriter<byte> to)
    {
        if (!canAsk)
        {
            return;
        }

        var questions = _fold.Questions.Where(question => _asked.Add(question.ToolCallId)).ToList();
        if (questions.Count > 0 && revision.IsWithoutSessions)
        {
            var asked = McpQuestion.All(questions.Select(one => (one.ToolCallId, one.ToolName, one.Arguments)));
            var required = new McpInputRequired(asked, run.ToString()) { ResultType = "input_required" };
            Emit(McpAnswers.Of(revision, request.Id, required, McpJson.Wire.McpInputRequired), McpJson.Wire.RpcAnswer, to);
            IsOver = true;
            return;
        }

        foreach (var question in questions)
        {
            var parameters = JsonSerializer.SerializeToElement(
                McpQuestion.Of(question.ToolName, question.Arguments), McpJson.Wire.McpElicit);
            Emit(
                new RpcCall(McpQuestion.Method) { Id = McpQuestion.IdOf(run, question.ToolCallId), Params = parameters },
                McpJson.Wire.RpcCall,
                to);
        }
    }

    // Clients wait longer where they hear of progress: while a long text is written there is some.
    public void Beat(IBufferWriter<byte> to)
    {
        if (!Progress(line: null, to))
        {
            ServerSentEvent.Comment(to);
        }
    }

    public void Break(Refusal why, IBufferWriter<byte> to)
    {
        IsOver = true;
        if (why.Code == ErrorCodes.ShuttingDown && _hasId && !revision.IsWithoutSessions)
        {
            // A stream that just ends is one to come back to.
            ServerSentEvent.Comment(to);
            return;
        }

        Emit(McpAnswers.Of(request.Id, why), McpJson.Wire.RpcAnswer, to);
    }

    // It may only grow: of what came at one place of the log, only the first is told.
    private bool Progress(string? line, IBufferWriter<byte> to)
    {
        if (request.Token is not { } token || _position <= _told)
        {
            return false;
        }

        _told = _position;
        var parameters = JsonSerializer.SerializeToElement(
            new McpProgress(token, _position.Value - run.Queued.Value) { Message = line }, McpJson.Wire.McpProgress);
        Emit(new RpcCall("notifications/progress") { Params = parameters }, McpJson.Wire.RpcCall, to);
        return true;
    }

    private void Emit<T>(T message, JsonTypeInfo<T> typeInfo, IBufferWriter<byte> to)
    {
        string? id = null;
        if (!revision.IsWithoutSessions)
        {
            _hasId = true;
            id = new McpEventId(run, _position, request).ToString();
        }

        ServerSentEvent.Write(to, message, typeInfo, id, "message");
    }
}
