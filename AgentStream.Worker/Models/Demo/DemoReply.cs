using AgentStream.Worker.Running.Attachments;
using AgentStream.Worker.Tools.Arguments;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Demo;

/// <summary>The demo model's next words: a thought, and either tool calls or the answer.</summary>
internal sealed record DemoReply(string Thought, string Text, IReadOnlyList<FunctionCallContent> Calls)
{
    private const string Notice =
        "(This is AgentStream's demo model: it works offline and by rules, and understands little. For a real model set OPENAI_API_KEY "
        + "or OPENAI_API_BASE (for any compatible server) and MODEL_NAME, and start again.)";

    private const string Abilities =
        "I can't answer that: I am only a demo model. Try one of these:\n\n"
        + "- What is 17.5% of 2,340?\n- What time is it in Tokyo and in New York?\n- Remember that the meeting is on Monday.\n- What did I "
        + "note?";

    private const string FileIsThere = "A file came with your message, and a real model would read it. ";

    /// <param name="conversation">All of it; only what follows the last message of the user is looked at closely.</param>
    /// <param name="tools">The names of the tools that are offered.</param>
    public static DemoReply To(IReadOnlyList<ChatMessage> conversation, IReadOnlySet<string> tools)
    {
        var start = LastUserMessage(conversation);
        var said = start < 0 ? "" : conversation[start].Text;
        var asked = AttachedContents.WithoutFiles(said);
        var requests = DemoReader.Read(asked);
        if (requests.Count == 0)
        {
            return new(
                "I look for a calculation, a question about the time, or something to note, and find none of them.",
                $"{(asked.Length < said.Length ? FileIsThere : "")}{Abilities}\n\n{Notice}", []);
        }

        var results = ToolResults.After(conversation, start);
        var open = requests.Where(request => tools.Contains(request.Tool) && !results.Has(request)).ToList();
        return open.Count > 0 && !results.Any ? Ask(open, conversation) : Answer(requests, results, tools);
    }

    private static DemoReply Ask(List<DemoRequest> requests, IReadOnlyList<ChatMessage> conversation)
    {
        // An id must not come twice in a conversation.
        var asked = conversation.Sum(message => message.Contents.OfType<FunctionCallContent>().Count());
        var purposes = string.Join("; ", requests.Select(request => $"{request.Purpose} with {request.Tool}"));
        var thought = requests.Count == 1
            ? $"I should not guess here. I'll {purposes}."
            : $"This has {requests.Count} parts, and I should not guess any of them. I'll do these: {purposes}.";
        return new(thought, "", [
            .. requests.Select((request, index) => ToolCallText.CreateCall($"demo_{asked + index + 1}", request.Tool, request.Arguments)),
        ]);
    }

    private static DemoReply Answer(IReadOnlyList<DemoRequest> requests, ToolResults results, IReadOnlySet<string> tools)
    {
        var parts = requests.Select(request =>
            results.Find(request) is { } result
                ? request.IsAnswered(result) ? request.Answer(result) : $"I could not {request.Purpose}: {result}"
                : tools.Contains(request.Tool) ? $"I have no result of my attempt to {request.Purpose}."
                : $"I would {request.Purpose}, but this agent has no tool '{request.Tool}'.");
        var thought = results.Any
            ? "I have read what the tools say; I'll answer from that."
            : "The tool that this takes is not there; I'll say so.";
        return new(thought, string.Join("\n\n", parts) + $"\n\n{Notice}", []);
    }

    private static int LastUserMessage(IReadOnlyList<ChatMessage> conversation)
    {
        for (var i = conversation.Count - 1; i >= 0; i--)
        {
            if (conversation[i].Role == ChatRole.User)
            {
                return i;
            }
        }

        return -1;
    }
}
