namespace AgentStream.Messaging.Log;

/// <summary>The store can't be reached or can't write. Nothing was lost that was acknowledged; asking again is safe.</summary>
internal class StoreUnavailableException : Exception
{
    public StoreUnavailableException()
        : this("The session store is not available.")
    {
    }

    public StoreUnavailableException(string message)
        : base(message)
    {
    }

    public StoreUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
