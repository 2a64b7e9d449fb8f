namespace AgentStream.Worker.Models.Wire;

internal enum WireProblem
{
    /// <summary>The stream ended, or the connection was lost, before the reply was said to be complete.</summary>
    CutOff,

    /// <summary>The answer is not one that this protocol knows.</summary>
    Malformed,

    /// <summary>The server said in mid-stream that something went wrong.</summary>
    ServerError,

    /// <summary>A web page or the like: not this protocol at all.</summary>
    NotTheApi,
}
