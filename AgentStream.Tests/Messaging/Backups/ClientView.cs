using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Tests.Messaging.Contract;

namespace AgentStream.Tests.Messaging.Backups;

/// <summary>A client's view of a session: what it has read, and the cursor with which it comes back.</summary>
internal sealed class ClientView(Cursor cursor, IReadOnlyList<string> frames)
{
    public Cursor Cursor => cursor;

    /// <summary>A client for each offset, as it would be had its connection ended there.</summary>
    public static async Task<IReadOnlyList<ClientView>> OfEachOffsetAsync(ISessionLog log)
    {
        var batch = await log.ReadAsync(Make.Session, default, int.MaxValue);
        Assert.Null(batch.Resync);
        return [.. batch.Entries.Select((entry, index) => new ClientView(
            new Cursor(batch.Epoch, entry.Offset), [.. batch.Entries.Take(index + 1).Select(read => Make.Text(read.Frame))]))];
    }

    /// <summary>Comes back, and checks that what it has then is the log's, entry by entry, or that it is told to begin anew.</summary>
    /// <returns>Whether it went on from where it was.</returns>
    public async Task<bool> ComeBackAsync(ISessionLog log)
    {
        var batch = await log.ReadAsync(Make.Session, cursor, int.MaxValue);
        if (batch.Resync is not null)
        {
            Assert.Empty(batch.Entries);
            return false;
        }

        var whole = await log.ReadAsync(Make.Session, default, int.MaxValue);
        Assert.Equal(
            whole.Entries.Select(entry => Make.Text(entry.Frame)),
            frames.Concat(batch.Entries.Select(entry => Make.Text(entry.Frame))));
        return true;
    }
}
