namespace AgentStream.Worker.Agents;

/// <summary>
/// A setting of an agent names something that there is not. Whoever knows where it is written says so in front of the message.
/// </summary>
internal sealed class AgentMistakeException : Exception
{
    public AgentMistakeException()
    {
    }

    public AgentMistakeException(string message)
        : base(message)
    {
    }

    public AgentMistakeException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public AgentMistakeException(string setting, int? item, string message)
        : base(message) => (Setting, Item) = (setting, item);

    /// <summary>The property of <see cref="AgentOptions"/>.</summary>
    public string Setting { get; } = "";

    /// <summary>The index in it, where it is a list.</summary>
    public int? Item { get; }
}
