using AgentStream.Client;
using Spectre.Console;

namespace AgentStream.Samples.Terminal;

/// <summary>Writes what happens as it happens: each step in its colour, each token the moment it comes.</summary>
internal sealed class Screen(IAnsiConsole console)
{
    private readonly HashSet<string> _streamed = [];
    private string? _current;
    private bool _atLineStart = true;

    public void Show(AgentEvent happened)
    {
        switch (happened)
        {
            case SnapshotReceived snapshot:
                ShowSnapshot(snapshot.Snapshot);
                break;
            case ConnectionLost lost:
                Note($"no connection; trying again in {lost.Pause.TotalSeconds:0.0} s", "yellow");
                break;
            case RunStarted { Attempt: > 1 }:
                Note("its worker was lost; another one goes on", "yellow");
                break;
            case StepDelta delta:
                ShowText(delta.StepId, delta.StepType, delta.Delta, delta.ParentStepId, delta.AgentName);
                break;
            case ReasoningStep step:
                ShowStep(step);
                break;
            case StepSuperseded:
                Note("the text above is taken back and written anew", "yellow");
                break;
            case CancelRequested:
                Note("cancelling", "yellow");
                break;
            case RunFinished end:
                ShowEnd(end);
                break;
            case RequestRefused refused:
                Note(refused.Message, "red");
                break;
            case StatusChanged status:
                Note(status.Message, "red");
                break;
            default:
                // What this program does not know is for later ones.
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

    private void ShowStep(ReasoningStep step)
    {
        if (!_streamed.Contains(step.StepId))
        {
            Begin(step.StepId, WordOf(step.Type), StyleOf(step.Type), step.ParentStepId, step.AgentName);
            Write(step.Content, StyleOf(step.Type));
        }

        EndLine();
        _current = null;
        if (step.CutOff)
        {
            Note("cut off here", "yellow");
        }
    }

    private void ShowText(string stepId, DeltaType type, string text, string? parent, string? agent)
    {
        var looksLike = type switch
        {
            DeltaType.Thought => StepType.Thought,
            DeltaType.ToolUse => StepType.ToolUse,
            DeltaType.ToolResult => StepType.ToolResult,
            _ => StepType.FinalAnswer,
        };
        Begin(stepId, WordOf(looksLike), StyleOf(looksLike), parent, agent);
        Write(text, StyleOf(looksLike));
        _streamed.Add(stepId);
    }

    private void ShowSnapshot(SessionSnapshot snapshot)
    {
        foreach (var message in snapshot.Messages)
        {
            EndLine();
            console.MarkupLineInterpolated($"[bold]> {Safe(message.Message)}[/]");
            foreach (var step in message.Steps)
            {
                ShowStep(step);
            }
        }

        foreach (var step in snapshot.ActiveRun?.OpenSteps ?? [])
        {
            ShowText(step.StepId, step.StepType, step.Content, step.ParentStepId, step.AgentName);
        }
    }

    private void ShowEnd(RunFinished end)
    {
        var usage = end.Usage is { } tokens ? $", {tokens.TotalTokens} tokens" : "";
        Note(
            $"{WordOf(end.Status)} after {end.DurationMs / 1000:0.0} s{usage}",
            end.Status == RunStatus.Completed ? "grey" : "red");
    }

    public static string WordOf(RunStatus status) => status switch
    {
        RunStatus.Completed => "completed",
        RunStatus.Failed => "failed",
        RunStatus.Cancelled => "cancelled",
        _ => "over",
    };

    private void Begin(string stepId, string word, Style style, string? parent, string? agent)
    {
        if (_current == stepId)
        {
            return;
        }

        EndLine();
        _current = stepId;

        // Who works inside another agent's step is named.
        var who = parent is null ? "" : $"{agent} ";
        Write($"{who}{word}: ", new Style(style.Foreground, decoration: Decoration.Bold));
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

    private static string WordOf(StepType type) => type switch
    {
        StepType.Thought => "thinks",
        StepType.ToolUse => "calls",
        StepType.ToolResult => "result",
        StepType.Error => "error",
        _ => "answers",
    };

    private static Style StyleOf(StepType type) => type switch
    {
        StepType.Thought => new Style(Color.Grey),
        StepType.ToolUse => new Style(Color.Aqua),
        StepType.ToolResult => new Style(Color.Green),
        StepType.Error => new Style(Color.Red),
        _ => new Style(Color.White),
    };
}
