using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Http.Export;

/// <summary>
/// A transcript for people.
/// What a person wrote is quoted, so that nothing in it can pass for a turn of the conversation;
/// what the agent wrote stands as it is, and ends where it ends.
/// </summary>
internal static class MarkdownExport
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = MessagingJson.Wire.Options.Encoder };

    public static async Task WriteAsync(
        PipeWriter output,
        SessionHead head,
        DateTimeOffset now,
        IAsyncEnumerable<TranscriptMessage> messages,
        CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        text.Append("# ").Append(OneLine(head.Title ?? "A session")).Append("\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Session `{head.SessionId}`, exported {Time(now)}.\n");
        await foreach (var message in messages.WithCancellation(cancellationToken))
        {
            if (message.SteeredRunId is null)
            {
                Append(text, message);
            }

            await FlushAsync(output, text, cancellationToken);
        }

        await FlushAsync(output, text, cancellationToken);
    }

    private static async ValueTask FlushAsync(PipeWriter output, StringBuilder text, CancellationToken cancellationToken)
    {
        Encoding.UTF8.GetBytes(text.ToString(), output);
        text.Clear();
        await output.FlushAsync(cancellationToken);
    }

    private static void Append(StringBuilder text, TranscriptMessage message)
    {
        text.Append("\n---\n");
        AppendSaid(text, message.Message, message.QueuedAt);
        foreach (var attachment in message.Attachments ?? [])
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n*Attached: {Harmless(attachment.Name)} ({attachment.MediaType}, {attachment.Size} bytes)*\n");
        }

        if (message.ReplacedBy is not null)
        {
            text.Append("\n*This message was replaced by a later one.*\n");
        }

        // What was said meanwhile stands before the first reply that knows of it.
        var steered = new Queue<SteeredMessage>(message.Steered ?? []);
        foreach (var step in message.Steps)
        {
            while (step.ParentStepId is null && steered.TryPeek(out var next) && next.Iteration <= step.Iteration)
            {
                steered.Dequeue();
                AppendSaid(text, next.Message, next.Timestamp);
            }

            Append(text, step, message.AgentName);
            if (step.StepType == StepType.ToolUse
                && message.Approvals?.FirstOrDefault(approval => approval.ToolCallId == step.ToolCallId) is { } decision)
            {
                text.Append(CultureInfo.InvariantCulture, $"\n*{Sentence(decision)}*\n");
            }
        }

        foreach (var last in steered)
        {
            AppendSaid(text, last.Message, last.Timestamp);
        }

        if (message.Status != MessageStatus.Completed)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n*{StatusWord(message.Status)}{(message.Error is { } error ? $": {OneLine(error)}" : "")}*\n");
        }

        if (message.Usage is { } usage)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n*{(message.DurationMs ?? 0) / 1000:0.0} s, {usage.InputTokens} tokens in, {usage.OutputTokens} "
                    + $"out{(usage.Estimated ? " (estimated)" : "")}*\n");
        }
    }

    private static void AppendSaid(StringBuilder text, string message, DateTimeOffset at)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n## You, {Time(at)}\n\n");
        AppendQuoted(text, message);
    }

    private static void Append(StringBuilder text, ReasoningStep step, string agentName)
    {
        text.Append(step.StepType switch
        {
            StepType.FinalAnswer => $"\n## {OneLine(step.AgentName ?? agentName)}\n\n",
            StepType.Thought => "\n### 💭 Thought\n\n",
            StepType.ToolUse => $"\n### 🔧 {OneLine(step.ToolName ?? "Tool")}\n\n",
            StepType.ToolResult => $"\n### 📊 Result of {OneLine(step.ToolName ?? "the tool")}\n\n",
            _ => "\n### ❌ Error\n\n",
        });
        if (step.StepType is StepType.ToolUse or StepType.ToolResult)
        {
            AppendFenced(text, step is { StepType: StepType.ToolUse, Arguments: { } arguments } ? Json(arguments) : step.Content);
        }
        else
        {
            text.Append(step.Content).Append('\n');
            if (OpenBlocks.EndOf(step.Content) is { } end)
            {
                text.Append(end).Append('\n');
            }
        }

        if (step.CutOff == true)
        {
            text.Append("\n*(cut off)*\n");
        }

        if (step.InDoubt == true)
        {
            text.Append("\n*(whether this happened is not known)*\n");
        }
    }

    private static string Sentence(ResolvedApproval decision)
    {
        // "client" is whoever was at the page: no name.
        var by = decision.By == "client" ? "" : $" by {OneLine(decision.By)}";
        return decision switch
        {
            { Expired: true } => "Nobody approved this in time.",
            { Approved: true, Edited: true } => $"Approved{by}, with arguments that were changed.",
            { Approved: true, ClientTool: true } => $"Executed{(by.Length > 0 ? by : " by the program that asked")}.",
            { Approved: true } => $"Approved{by}.",
            { Reason: { } reason } => $"Refused{by}: {OneLine(reason)}",
            _ => $"Refused{by}.",
        };
    }

    private static void AppendQuoted(StringBuilder text, string content)
    {
        foreach (var line in content.ReplaceLineEndings("\n").Split('\n'))
        {
            text.Append(line.Length > 0 ? "> " : ">").Append(line).Append('\n');
        }
    }

    // A fence has to be longer than any within.
    private static void AppendFenced(StringBuilder text, string content)
    {
        var longest = 0;
        var current = 0;
        foreach (var character in content)
        {
            current = character == '`' ? current + 1 : 0;
            longest = Math.Max(longest, current);
        }

        var fence = new string('`', Math.Max(3, longest + 1));
        text.Append(CultureInfo.InvariantCulture, $"{fence}\n{content}\n{fence}\n");
    }

    private static string Json(JsonElement value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
        {
            value.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string StatusWord(MessageStatus status) => status switch
    {
        MessageStatus.Queued => "Waits for its turn",
        MessageStatus.Running => "Still running",
        MessageStatus.Waiting => "Waits for approval",
        MessageStatus.Failed => "Failed",
        _ => "Cancelled",
    };

    // A name is one line, and nothing of it is markup.
    private static string Harmless(string name)
        => string.Concat(name.Select(
            character => char.IsAscii(character) && !char.IsAsciiLetterOrDigit(character) && character is not (' ' or '.' or '-')
                ? $"\\{character}"
                : $"{character}"));

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
