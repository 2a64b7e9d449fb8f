using AgentStream.Messaging.Embedded.Storage;
using Microsoft.Data.Sqlite;

namespace AgentStream.Tests.Simulation.Store;

/// <summary>What becomes of a write to the disk.</summary>
internal enum DiskFate
{
    Written,
    Refused,

    /// <summary>It stands, and the process hears of an error.</summary>
    WrittenWithError,

    /// <summary>Nothing stands, and nobody hears of it: no disk may do so.</summary>
    Forgotten,
}

/// <summary>The real database, whose disk may be full or say wrong things.</summary>
internal sealed class FaultyDatabase(string path, Func<DiskFate> fate) : SessionDatabase(path, "OFF")
{
    private const int DiskFull = 13;

    protected override void Write(Action change)
    {
        var becomes = fate();
        if (becomes is DiskFate.Written or DiskFate.WrittenWithError)
        {
            base.Write(change);
        }

        if (becomes is DiskFate.Refused or DiskFate.WrittenWithError)
        {
            throw new SqliteException("database or disk is full", DiskFull);
        }
    }
}
