namespace AgentStream.Worker.Tools;

/// <summary>What the loop has to know of a tool that a program adds. Each default is the careful choice.</summary>
public sealed class ToolOptions
{
    /// <summary>The name that models call: 1 to 64 of A-Z a-z 0-9 _ -, the first a letter or _. Default: the function's own,
    /// or the method's, without Async.</summary>
    public string? Name { get; set; }

    /// <summary>What it does and when to use it, for models. Default: the function's own, which is its <c>[Description]</c>.</summary>
    public string? Description { get; set; }

    /// <summary>Calling it again does no harm: a call in doubt is repeated. Default: no.</summary>
    public bool IsIdempotent { get; set; }

    /// <summary>May run beside other calls of the same reply. Default: no.</summary>
    public bool IsConcurrencySafe { get; set; }

    /// <summary>A person must agree to each call first. Default: no, but for an <c>ApprovalRequiredAIFunction</c>.</summary>
    public bool RequiresApproval { get; set; }

    /// <summary>The time that one call may take; <c>null</c> (the default): the agent's own limit.</summary>
    public TimeSpan? Timeout { get; set; }
}
