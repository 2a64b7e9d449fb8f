using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Distributed.Application;

/// <summary>
/// The application with all its processes: two API servers, two workers, the pages, one Redis.
/// Started as plain processes (<see cref="ServiceCluster"/>) or by Aspire.
/// </summary>
internal interface IRunningApplication
{
    /// <summary>The one address of all API servers, as the page and programs have it. Each connection may land on another server.</summary>
    Uri Api { get; }

    /// <summary>The pages.</summary>
    Uri Web { get; }

    /// <summary>
    /// A client on one of the API servers; clients of different numbers are on different ones, where the application lets a client choose.
    /// </summary>
    ChatSocket Socket(int api, string sessionId);

    /// <summary>Lets the scripted model go on where it waits for this file.</summary>
    Task OpenGateAsync(string name);

    /// <summary>Which calls wrote a note, one for each note.</summary>
    IReadOnlyList<string> CallsWithNotes(string sessionId);

    /// <summary>SIGTERM to the worker that has the session's run under way; returns when it has left.</summary>
    Task StopWorkerOfAsync(string sessionId);

    /// <summary>SIGKILL to the worker that has the session's run under way.</summary>
    Task KillWorkerOfAsync(string sessionId);

    /// <summary>Sees to it that there are as many servers and workers as a test expects, whatever the one before did to them.</summary>
    Task RestoreAsync();
}
