namespace AgentStream.Worker.Tools;

/// <summary>
/// The tool could not do what was asked, and its message says to the model (and to the person watching) what to do about it.
/// Any other exception out of a tool is a fault: log it, and tell the model a fixed sentence.
/// </summary>
public sealed class ToolException : Exception
{
    /// <summary>It may have taken effect all the same. Means nothing for a tool that is idempotent. Default: no.</summary>
    public bool InDoubt { get; init; }

    public ToolException()
    {
    }

    public ToolException(string message)
        : base(message)
    {
    }

    public ToolException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
