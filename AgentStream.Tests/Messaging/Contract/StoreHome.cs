using AgentStream.Messaging.Attachments;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;

namespace AgentStream.Tests.Messaging.Contract;

/// <summary>One home of log and queue under test, with the powers of fate.</summary>
internal abstract class StoreHome : IAsyncDisposable
{
    public abstract ISessionLog Log { get; }

    public abstract IRunQueue Queue { get; }

    public abstract IErasures Erasures { get; }

    public abstract IAttachments Attachments { get; }

    /// <summary>The store's present time.</summary>
    public abstract DateTimeOffset Now { get; }

    /// <summary>The store and its workers end as if killed, and the store begins again on what it had kept.</summary>
    public abstract Task RestartAsync();

    public abstract Task AdvanceAsync(TimeSpan by);

    /// <summary>What the store does every now and then against growing.</summary>
    public abstract Task RetainAsync();

    /// <summary>What the store does every now and then about questions that nobody answered in time.</summary>
    public abstract Task ExpireAsync();

    /// <summary>The next write is cut off after so many bytes, and with it the power. False: this home can't do that.</summary>
    public virtual bool TearNextWrite(int bytes) => false;

    /// <summary>After a torn write and a restart: whether all of it had got through.</summary>
    public virtual bool TornWriteWasWhole => false;

    public abstract ValueTask DisposeAsync();
}
