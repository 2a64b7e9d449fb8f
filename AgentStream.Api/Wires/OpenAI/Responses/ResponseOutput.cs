using System.Text;
using AgentStream.Messaging;

namespace AgentStream.Api.Wires.OpenAI.Responses;

/// <summary>An item of a response while it grows: a message of the agent, or a thought.</summary>
internal sealed class ResponseOutput(StepId stepId, bool isThought, int index)
{
    private static readonly IReadOnlyList<string> NoAnnotations = [];
    private readonly StringBuilder _text = new();

    public StepId StepId => stepId;

    public bool IsThought => isThought;

    /// <summary>Whether it was finished.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Whether it was taken back: it was shown, and counts for nothing.</summary>
    public bool IsTakenBack { get; private set; }

    private string Id => (isThought ? "rs_" : "msg_") + stepId;

    private string Status { get; set; } = ResponseStatus.InProgress;

    private string Text => _text.ToString();

    /// <summary>The item as it stands.</summary>
    public ResponseItem Item => isThought
        ? new ResponseItem { Id = Id, Type = "reasoning", Summary = IsEmpty ? [] : [PartOf(Text)], Status = Status }
        : new ResponseItem { Id = Id, Type = "message", Role = "assistant", Content = IsEmpty ? [] : [PartOf(Text)], Status = Status };

    private bool IsEmpty => !IsDone && _text.Length == 0;

    /// <summary>What is sent when it begins.</summary>
    public IEnumerable<ResponseEvent> Begin() =>
    [
        new() { Type = "response.output_item.added", OutputIndex = index, Item = Item },
        Place(isThought ? "response.reasoning_summary_part.added" : "response.content_part.added") with { Part = PartOf("") },
    ];

    /// <summary>What is sent when it grows.</summary>
    public ResponseEvent Append(string delta)
    {
        _text.Append(delta);
        return Place(isThought ? "response.reasoning_summary_text.delta" : "response.output_text.delta") with { Delta = delta };
    }

    /// <summary>What is sent when it is finished.</summary>
    /// <param name="isWhole">Whether its text ends where it was to end.</param>
    /// <param name="isTakenBack">Whether it counts for nothing.</param>
    public IEnumerable<ResponseEvent> Finish(bool isWhole, bool isTakenBack = false)
    {
        IsDone = true;
        IsTakenBack = isTakenBack;
        Status = isWhole ? ResponseStatus.Completed : ResponseStatus.Incomplete;
        return
        [
            Place(isThought ? "response.reasoning_summary_text.done" : "response.output_text.done") with { Text = Text },
            Place(isThought ? "response.reasoning_summary_part.done" : "response.content_part.done") with { Part = PartOf(Text) },
            new() { Type = "response.output_item.done", OutputIndex = index, Item = Item },
        ];
    }

    /// <summary>Takes a finished one back: the response's output at its end is without it.</summary>
    public void TakeBack() => IsTakenBack = true;

    private ResponseEvent Place(string type) => new()
    {
        Type = type,
        ItemId = Id,
        OutputIndex = index,
        ContentIndex = isThought ? null : 0,
        SummaryIndex = isThought ? 0 : null,
    };

    private ResponsePart PartOf(string text) => isThought
        ? new ResponsePart { Type = "summary_text", Text = text }
        : new ResponsePart { Type = "output_text", Text = text, Annotations = NoAnnotations };
}
