using AgentStream.Tests.Simulation.Engine;
using AgentStream.Tests.Simulation.Judging;
using AgentStream.Tests.Simulation.Scenarios;

namespace AgentStream.Tests.Simulation.Clients;

/// <summary>Somebody who watches a session, asks, cancels and answers for tools.</summary>
internal abstract class SimClient
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    protected SimClient(SimProcess process, Cluster cluster, Judge judge, string session)
    {
        (Process, Cluster, Judge, Session) = (process, cluster, judge, session);
        Witness = new Witness(process.Name, session) { IsThere = () => process.IsAlive };
        judge.Add(Witness);
    }

    public SimProcess Process { get; }

    public string Session { get; }

    /// <summary>The time that it takes for each thing that it gets.</summary>
    public TimeSpan Slowness { get; set; }

    protected Cluster Cluster { get; }

    protected Judge Judge { get; }

    protected Witness Witness { get; }

    protected SimSocket? Socket { get; set; }

    public abstract Task RunAsync();

    public async Task AskAsync(RunPlan plan, string onBusy)
    {
        var id = $"m{plan.Number}";
        var sent = Judge.Sent[id] = new SentMessage(id, Session, plan.Number);
        Process.Died += () => sent.IsSettled = true;
        await SendAsync(id, plan.Message, onBusy);
    }

    public abstract Task CancelAsync();

    /// <summary>Its connection breaks.</summary>
    public bool Break()
    {
        if (Socket is not { IsBroken: false } socket)
        {
            return false;
        }

        socket.Break();
        return true;
    }

    /// <summary>Forgets where it was, as a page that is opened anew does.</summary>
    public virtual bool Forget() => false;

    protected abstract Task SendAsync(string id, string message, string onBusy);

    protected abstract Task AnswerAsync(string run, string call, bool approved);

    /// <summary>A person looks at a question, and maybe answers it.</summary>
    protected void Consider(string run, string call)
    {
        var draws = Process.World.Draws;
        if (_asked.Add(call) && draws.Hit($"considers/{Process.Name}", 0.7))
        {
            var approved = draws.Hit($"approves/{Process.Name}", 0.7);
            Process.World.Schedule(
                Process, draws.Time($"thinks/{Process.Name}", 50, 9_000), () => Process.World.Begin(AnswerAsync(run, call, approved)));
        }
    }

    protected void Refused(string? messageId)
    {
        if (messageId is not null && Judge.Sent.TryGetValue(messageId, out var sent))
        {
            (sent.IsSettled, sent.IsRefused) = (true, true);
        }
    }
}
