namespace AgentStream.Access;

/// <summary>Whether what callers were recognised by still holds. Asking costs nothing: it is all in memory.</summary>
internal interface ICallerStanding
{
    /// <summary>False: it has expired, or was revoked on whichever server, a second or two ago at the latest.</summary>
    bool IsGood(Caller caller);
}

/// <summary>Where nobody is asked who they are, nothing can end.</summary>
internal sealed class OpenStanding : ICallerStanding
{
    public bool IsGood(Caller caller) => true;
}
