namespace AgentStream.Messaging.Embedded.Storage;

/// <summary>Another process works on the data directory. The message is one sentence for people; the host prints it and stops.</summary>
internal sealed class DataDirectoryInUseException : Exception
{
    public DataDirectoryInUseException()
        : this("The data directory is in use.")
    {
    }

    public DataDirectoryInUseException(string message)
        : base(message)
    {
    }

    public DataDirectoryInUseException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
