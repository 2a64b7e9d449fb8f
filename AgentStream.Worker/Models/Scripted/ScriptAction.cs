namespace AgentStream.Worker.Models.Scripted;

/// <summary>One action; exactly one of its properties is set, apart from those that belong to another.</summary>
internal sealed record ScriptAction
{
    public string? Thought { get; init; }

    public string? Text { get; init; }

    public ScriptToolCall? ToolCall { get; init; }

    public ScriptUsage? Usage { get; init; }

    public string? FinishReason { get; init; }

    /// <summary>Milliseconds.</summary>
    public int? DelayMs { get; init; }

    /// <summary>Goes on once this file exists.</summary>
    public string? WaitForFile { get; init; }

    /// <summary>Tells the test that this point was reached.</summary>
    public string? CreateFile { get; init; }

    public ScriptFailure? Fail { get; init; }
}
