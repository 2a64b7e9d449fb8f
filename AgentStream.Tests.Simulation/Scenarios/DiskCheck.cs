using AgentStream.Messaging;
using AgentStream.Tests.Simulation.Judging;
using AgentStream.Tests.Simulation.Store;

namespace AgentStream.Tests.Simulation.Scenarios;

/// <summary>Reads in the end what is kept, and compares it with what came to the disk at the time.</summary>
internal static class DiskCheck
{
    public static async Task RunAsync(StoreNode store, string session, Truth truth, Judge judge)
    {
        if (!store.IsUp)
        {
            judge.Fail("the store did not come back");
            return;
        }

        var id = SessionId.Parse(session);
        var head = await store.Real!.GetHeadAsync(id);
        if (head.LastSeq.Value != truth.Log.Count)
        {
            judge.Fail($"{session}: the log ends with {head.LastSeq}, and {truth.Log.Count} stood on disk");
            return;
        }

        var batch = await store.Real.ReadAsync(id, new Cursor(head.Epoch, head.TrimmedThrough), int.MaxValue);
        foreach (var entry in batch.Entries.Where(entry => !entry.Frame.Span.SequenceEqual(truth.Frames[(int)entry.Offset.Value - 1])))
        {
            judge.Fail($"{session}: entry {entry.Offset} is another one now than when it was written");
        }

        if (truth.Log.Count - head.TrimmedThrough.Value != batch.Entries.Count)
        {
            judge.Fail($"{session}: of the log after {head.TrimmedThrough} there are {batch.Entries.Count} entries");
        }
    }
}
