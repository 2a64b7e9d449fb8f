namespace AgentStream.Worker.Agents.Files;

/// <summary>An agent file that can't be used; the message says to its author what is wrong and what to write.</summary>
internal sealed class AgentFileException : Exception
{
    public AgentFileException()
    {
    }

    public AgentFileException(string message)
        : base(message)
    {
    }

    public AgentFileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public AgentFileException(int line, string message)
        : base(message) => Line = line;

    /// <summary>The line, from 1.</summary>
    public int Line { get; } = 1;
}
