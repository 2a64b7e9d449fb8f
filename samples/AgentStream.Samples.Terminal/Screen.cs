using System.Text.Json;
using Spectre.Console;

namespace AgentStream.Samples.Terminal;

/// <summary>Writes what happens as it happens: each step in its colour, each token the moment it comes.</summary>
internal sealed class Screen(IAnsiConsole console)
{
    private readonly HashSet<string> _streamed = [];
    private string? _current;
    private bool _atLineStart = true;

    public void Show(Frame frame)
    {
        switch (frame.Type)
        {
            case "snapshot" or "resync":
                ShowSnapshot(frame.Data);
                break;
            case "run_started" when Frame.NumberOf(frame.Data, "attempt") > 1:
                Note("its worker was lost; another one goes on", "yellow");
                break;
            case "step_delta":
                Begin(frame.Data, frame.Text("step_type")!);
                Write(frame.Text("delta")!, StyleOf(frame.Text("step_type")!));
                _streamed.Add(frame.Text("step_id")!);
                break;
            case "reasoning_step":
                ShowStep(frame.Data);
                break;
            case "step_superseded":
                Note("the text above is taken back and written anew", "yellow");
                break;
            case "cancel_requested":
                Note("cancelling", "yellow");
                break;
            case "run_finished":
                ShowEnd(frame.Data);
                break;
            case "error" or "status":
                Note(frame.Text("message") ?? frame.Type, "red");
                break;
            default:
                // What this client does not know is for later ones.
                break;
        }
    }

    /// <summary>A line of the program's own.</summary>
    public void Note(string text, string colour)
    {
        EndLine();
        console.MarkupLineInterpolated($"[{colour}]· {text}[/]");
    }

    /// <summary>Asks for a line.</summary>
    public void Prompt(string text)
    {
        EndLine();
        console.MarkupInterpolated($"[bold]{text}[/]");
        _atLineStart = false;
    }

    /// <summary>A line was typed. Where that happened at a keyboard, it is on the screen, with its end.</summary>
    public void Typed() => _atLineStart = _atLineStart || !Console.IsInputRedirected;

    private void ShowStep(JsonElement step)
    {
        var id = Frame.TextOf(step, "step_id")!;
        var type = Frame.TextOf(step, "type")!;
        if (!_streamed.Contains(id))
        {
            Begin(step, type);
            Write(Frame.TextOf(step, "content")!, StyleOf(type));
        }

        EndLine();
        _current = null;
        if (step.TryGetProperty("cut_off", out _))
        {
            Note("cut off here", "yellow");
        }
    }

    private void ShowSnapshot(JsonElement snapshot)
    {
        foreach (var message in snapshot.GetProperty("messages").EnumerateArray())
        {
            EndLine();
            console.MarkupLineInterpolated($"[bold]> {Safe(Frame.TextOf(message, "message")!)}[/]");
            foreach (var step in message.GetProperty("steps").EnumerateArray())
            {
                ShowStep(step);
            }
        }

        if (snapshot.TryGetProperty("active_run", out var run))
        {
            foreach (var step in run.GetProperty("open_steps").EnumerateArray())
            {
                Begin(step, Frame.TextOf(step, "step_type")!);
                Write(Frame.TextOf(step, "content")!, StyleOf(Frame.TextOf(step, "step_type")!));
                _streamed.Add(Frame.TextOf(step, "step_id")!);
            }
        }
    }

    private void ShowEnd(JsonElement end)
    {
        var status = Frame.TextOf(end, "status")!;
        var usage = end.TryGetProperty("usage", out var tokens) ? $", {Frame.NumberOf(tokens, "total_tokens"):0} tokens" : "";
        Note($"{status} after {Frame.NumberOf(end, "duration_ms") / 1000:0.0} s{usage}", status == "completed" ? "grey" : "red");
    }

    private void Begin(JsonElement step, string type)
    {
        var id = Frame.TextOf(step, "step_id")!;
        if (_current == id)
        {
            return;
        }

        EndLine();
        _current = id;

        // Who works inside another agent's step is named.
        var who = Frame.TextOf(step, "parent_step_id") is null ? "" : $"{Frame.TextOf(step, "agent_name")} ";
        Write($"{who}{WordOf(type)}: ", new Style(StyleOf(type).Foreground, decoration: Decoration.Bold));
    }

    private void Write(string text, Style style)
    {
        console.Write(Safe(text), style);
        _atLineStart = text.Length > 0 ? text[^1] == '\n' : _atLineStart;
    }

    // What comes from models and tools must not steer the terminal.
    private static string Safe(string text)
        => string.Concat(text.Where(character => character is '\n' or '\t' || !char.IsControl(character)));

    private void EndLine()
    {
        if (!_atLineStart)
        {
            console.WriteLine();
            _atLineStart = true;
        }
    }

    private static string WordOf(string type) => type switch
    {
        "thought" => "thinks",
        "tool_use" => "calls",
        "tool_result" => "result",
        "error" => "error",
        _ => "answers",
    };

    private static Style StyleOf(string type) => type switch
    {
        "thought" => new Style(Color.Grey),
        "tool_use" => new Style(Color.Aqua),
        "tool_result" => new Style(Color.Green),
        "error" => new Style(Color.Red),
        _ => new Style(Color.White),
    };
}
