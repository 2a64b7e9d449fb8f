namespace AgentStream.Worker.Tools.Mcp.SignIn;

/// <summary>A server wants to know who calls, and the worker could not tell it. The message is for operators: what to do.</summary>
internal sealed class McpSignInException : Exception
{
    public McpSignInException()
    {
    }

    public McpSignInException(string message)
        : base(message)
    {
    }

    public McpSignInException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>A person has to sign in, for the first time or again.</summary>
    public static McpSignInException PersonNeeded(string server) => new(
        $"The MCP server '{server}' wants a person to sign in. Run this service's program with the arguments 'mcp sign-in {server}', with "
            + "its settings and where it keeps its data.");

    /// <summary>The one inside of an exception, whatever was put around it on the way; <c>null</c>: it is about something else.</summary>
    public static McpSignInException? In(Exception? exception) => exception switch
    {
        null => null,
        McpSignInException found => found,
        AggregateException many => many.InnerExceptions.Select(In).FirstOrDefault(found => found is not null),
        _ => In(exception.InnerException),
    };
}
