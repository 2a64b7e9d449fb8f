namespace AgentStream.Api.Delivery;

/// <summary>
/// The session that a reader follows became somebody else's: it was erased, or had no owner yet, and another wrote first.
/// </summary>
internal sealed class SessionForbiddenException : Exception
{
    public SessionForbiddenException()
        : base("The session belongs to somebody else.")
    {
    }

    public SessionForbiddenException(string message)
        : base(message)
    {
    }

    public SessionForbiddenException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
