using AgentStream.Messaging.Embedded.Storage;

namespace AgentStream.Messaging.Log;

/// <summary>Explains to people why a store could not be opened at start, whichever home it has.</summary>
internal static class StoreStartFailure
{
    /// <summary>The reason in a sentence; <c>null</c> where the exception is none of the store's.</summary>
    public static string? Describe(Exception exception)
        => exception is DataDirectoryInUseException or StoreUnavailableException ? exception.Message : null;
}
