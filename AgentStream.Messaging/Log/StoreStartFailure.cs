using AgentStream.Messaging.Embedded.Journal;

namespace AgentStream.Messaging.Log;

/// <summary>Why a store could not be opened at start, for people: whichever home it has.</summary>
public static class StoreStartFailure
{
    /// <summary>The reason in a sentence; <c>null</c> where the exception is none of the store's.</summary>
    public static string? Describe(Exception exception) => exception is DataDirectoryInUseException or StoreUnavailableException ? exception.Message : null;
}
