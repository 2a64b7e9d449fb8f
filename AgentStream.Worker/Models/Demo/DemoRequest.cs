using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentStream.Worker.Tools.Calculator;
using AgentStream.Worker.Tools.Documents;
using AgentStream.Worker.Tools.Notes;
using AgentStream.Worker.Tools.Time;

namespace AgentStream.Worker.Models.Demo;

/// <summary>One thing that the last message asks for, and the tool that does it.</summary>
internal abstract record DemoRequest
{
    public abstract string Tool { get; }

    /// <summary>The arguments of the call, as JSON.</summary>
    public abstract string Arguments { get; }

    /// <summary>The subject, for the thought: "calculate 1 + 1".</summary>
    public abstract string Purpose { get; }

    /// <summary>
    /// Tells whether the tool's words are a result rather than a reason why there is none. Like any model, it has only the words to go by.
    /// </summary>
    public abstract bool IsAnswered(string result);

    /// <summary>The answer, once the tool has said this.</summary>
    public abstract string Answer(string result);

    internal sealed record Calculate(string Expression) : DemoRequest
    {
        public override string Tool => CalculatorTool.Name;

        public override string Arguments => Json(("expression", Expression));

        public override string Purpose => $"calculate {Expression}";

        public override bool IsAnswered(string result) => decimal.TryParse(result, CultureInfo.InvariantCulture, out _);

        public override string Answer(string result) => $"{Expression} = {result}";
    }

    internal sealed record TellTime(string? Place, string? Zone) : DemoRequest
    {
        public override string Tool => CurrentTimeTool.Name;

        public override string Arguments => Zone is null ? "{}" : Json(("time_zone", Zone));

        public override string Purpose => $"look up the time {Where}";

        public override bool IsAnswered(string result) => result is [>= '0' and <= '9', ..];

        public override string Answer(string result) => $"The time {Where} is {result}.";

        private string Where => Place is null ? "in UTC" : $"in {Place}";
    }

    internal sealed record SaveNote(string Text) : DemoRequest
    {
        public override string Tool => NoteTools.SaveNoteName;

        public override string Arguments => Json(("text", Text));

        public override string Purpose => $"save the note \"{Text}\"";

        public override bool IsAnswered(string result) => result.StartsWith("Saved", StringComparison.Ordinal);

        public override string Answer(string result) => $"I noted \"{Text}\". {result}";
    }

    internal sealed record ListNotes : DemoRequest
    {
        public override string Tool => NoteTools.ListNotesName;

        public override string Arguments => "{}";

        public override string Purpose => "read the notebook";

        public override bool IsAnswered(string result)
            => result is [>= '0' and <= '9' or '(', ..] || result.StartsWith("There are no notes", StringComparison.Ordinal);

        public override string Answer(string result) => $"Your notes:\n\n{result}";
    }

    internal sealed record Search(string Topic) : DemoRequest
    {
        // How a source stands in the result: "[1] guide.md#Heading (lines 3-9)".
        private const string FirstSource = "[1] ";

        public override string Tool => SearchDocumentsTool.Name;

        public override string Arguments => Json(("query", Topic));

        public override string Purpose => $"look up \"{Topic}\" in the documents";

        public override bool IsAnswered(string result) => result.Contains("\n" + FirstSource, StringComparison.Ordinal);

        // It can't put a passage into other words; it can quote the best one and say where it stands.
        public override string Answer(string result)
        {
            var lines = result.Split('\n');
            var first = Array.FindIndex(lines, line => line.StartsWith(FirstSource, StringComparison.Ordinal));
            var quote = lines.Skip(first + 1)
                .TakeWhile(line => !line.StartsWith("[2] ", StringComparison.Ordinal))
                .Select(line => $"> {line}".TrimEnd());
            return $"The documents say this about \"{Topic}\":\n\n{string.Join('\n', quote).TrimEnd('>', '\n', ' ')}\n\nSource: "
                + $"{lines[first][FirstSource.Length..]}";
        }
    }

    private static string Json((string Name, string Value) argument) =>
        JsonSerializer.Serialize(new JsonObject { [argument.Name] = argument.Value }, DemoJsonContext.Relaxed.JsonObject);
}
