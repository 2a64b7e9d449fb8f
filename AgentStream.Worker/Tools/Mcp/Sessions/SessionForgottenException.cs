namespace AgentStream.Worker.Tools.Mcp.Sessions;

/// <summary>A server refused a request because it does not know the session, after a restart for example. It did not take the
/// request.</summary>
internal sealed class SessionForgottenException : Exception
{
    public SessionForgottenException()
    {
    }

    public SessionForgottenException(string message)
        : base(message)
    {
    }

    public SessionForgottenException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
