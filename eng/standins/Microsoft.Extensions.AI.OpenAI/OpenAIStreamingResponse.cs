using System.Text;
using OpenAI.Chat;

namespace Microsoft.Extensions.AI;

/// <summary>
/// One streamed reply. Text and reasoning pass on as they come; calls arrive in pieces, told apart by their index, with id and name only in the first piece,
/// and are passed on whole after the last.
/// </summary>
internal sealed class OpenAIStreamingResponse
{
    private readonly SortedDictionary<int, PartialCall> _calls = [];
    private readonly StringBuilder _refusal = new();

    private ChatRole? _role;
    private ChatFinishReason? _finishReason;
    private string? _responseId;
    private string? _modelId;
    private DateTimeOffset? _createdAt;

    public ChatResponseUpdate Next(StreamingChatCompletionUpdate update)
    {
        _role ??= update.Role is { } role ? OpenAIResponse.Role(role) : null;
        _finishReason ??= update.FinishReason is { } reason ? OpenAIResponse.FinishReason(reason) : null;
        _responseId ??= update.CompletionId;
        _modelId ??= update.Model;
        _createdAt ??= update.CreatedAt;

        var result = Update();
        result.RawRepresentation = update;

        if (OpenAIResponse.Reasoning(ref update.Patch, "$.choices[0].delta.reasoning_content"u8, "$.choices[0].delta.reasoning"u8) is { } reasoning)
        {
            result.Contents.Add(reasoning);
        }

        OpenAIResponse.AddParts(update.ContentUpdate, result.Contents);
        if (update.Usage is { } usage)
        {
            result.Contents.Add(new UsageContent(OpenAIResponse.Usage(usage)) { RawRepresentation = usage });
        }

        _refusal.Append(update.RefusalUpdate);
        foreach (var piece in update.ToolCallUpdates)
        {
            if (!_calls.TryGetValue(piece.Index, out var call))
            {
                _calls[piece.Index] = call = new();
            }

            call.Append(piece);
        }

        return result;
    }

    /// <summary>What could only be passed on whole, or null if there is nothing.</summary>
    public ChatResponseUpdate? End()
    {
        var result = Update();
        foreach (var call in _calls.Values)
        {
            if (call.ToContent() is { } content)
            {
                result.Contents.Add(content);
            }
        }

        if (_refusal.Length > 0)
        {
            result.Contents.Add(new ErrorContent(_refusal.ToString()) { ErrorCode = OpenAIResponse.Refusal });
        }

        return result.Contents.Count > 0 ? result : null;
    }

    // The endpoint has one message per reply and gives it no id of its own.
    private ChatResponseUpdate Update() => new()
    {
        Role = _role,
        FinishReason = _finishReason,
        ResponseId = _responseId,
        MessageId = _responseId,
        ModelId = _modelId,
        CreatedAt = _createdAt,
    };

    private sealed class PartialCall
    {
        private readonly StringBuilder _arguments = new();
        private string? _id;
        private string? _name;

        public void Append(StreamingChatToolCallUpdate piece)
        {
            _id ??= piece.ToolCallId;
            _name ??= piece.FunctionName;
            if (piece.FunctionArgumentsUpdate is { } arguments && !arguments.ToMemory().IsEmpty)
            {
                _arguments.Append(arguments.ToString());
            }
        }

        // Without a name there is nothing to call. An id may be missing where a server has only one call at a time.
        public FunctionCallContent? ToContent() =>
            string.IsNullOrWhiteSpace(_name) ? null : OpenAIResponse.Call(_arguments.ToString(), _id ?? string.Empty, _name);
    }
}
