using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;
using AgentStream.Tests.Messaging.Contract;
using AgentStream.Tests.Messaging.Embedded;
using AgentStream.Tests.Worker.Models;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Hosting;
using AgentStream.Worker.Models;
using AgentStream.Worker.Models.Pricing;
using AgentStream.Worker.Running.Context;
using AgentStream.Worker.Running.Execution;
using AgentStream.Worker.Tools;
using AgentStream.Worker.Tools.Notes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentStream.Tests.Worker.Hosting;

/// <summary>A worker on the embedded store, with a model and tools of the test's.</summary>
internal sealed class WorkerHome : IAsyncDisposable
{
    private readonly EmbeddedHome _home = new();

    public WorkerHome(IChatClient client, params AgentTool[] tools)
        : this(TestCatalog.Of(client), new AgentOptions { Description = "Is tested." }, tools)
    {
    }

    public WorkerHome(ModelCatalog models, AgentOptions agent, params AgentTool[] tools)
    {
        Store = new WatchedStore(_home.Log, _home.Queue);
        var agents = new AgentsOptions();
        foreach (var tool in tools)
        {
            agent.Tools.Add(tool.Name);
        }

        agents.Agents["assistant"] = agent;
        var registry = new AgentRegistry(Microsoft.Extensions.Options.Options.Create(agents), new ToolRegistry(tools), models);
        var options = Microsoft.Extensions.Options.Options.Create(new WorkerOptions { MaxConcurrentRuns = 3, DeltaWindow = TimeSpan.Zero });
        Executor = new RunExecutor(
            registry, models, Store, Store, options, new FlushClock(_home.Clock), _home.Clock, NullLoggerFactory.Instance,
            new ContextWindows(new ConfigurationManager()), new ModelPrices(new ConfigurationManager()));
        Notes = new NoteStore(Path.Combine(_home.Options.DataDirectory, "notes"), _home.Clock);
        Erasure = new NoteErasure(Notes, _home.Store, _home.Clock, NullLogger<NoteErasure>.Instance);
        Worker = new WorkerService(
            Store, Executor, Erasure, options, Microsoft.Extensions.Options.Options.Create(new MessagingOptions()), _home.Clock,
            NullLogger<WorkerService>.Instance);
    }

    /// <summary>What the worker has of the store.</summary>
    public WatchedStore Store { get; }

    public ISessionLog Log => _home.Log;

    /// <summary>What everybody else has.</summary>
    public IRunQueue Queue => _home.Queue;

    public RunExecutor Executor { get; }

    public WorkerService Worker { get; }

    public NoteStore Notes { get; }

    public NoteErasure Erasure { get; }

    public Task AdvanceAsync(TimeSpan by) => _home.AdvanceAsync(by);

    public async Task<RunClaim> ClaimAsync(string session = "s1")
    {
        await EnqueueAsync(session);
        return (await Queue.ClaimAsync("test"))!;
    }

    public async Task EnqueueAsync(string session = "s1")
        => await Queue.EnqueueAsync(Make.Request(session: SessionId.Parse(session), message: session));

    /// <summary>Waits for the end of the session's first run.</summary>
    public async Task<RunFinished> FinishedAsync(string session, CancellationToken cancellationToken)
    {
        await foreach (var batch in Log.FollowAsync(SessionId.Parse(session), default, cancellationToken))
        {
            if (batch.Entries.Select(entry => entry.Event).OfType<RunFinished>().FirstOrDefault() is { } finished)
            {
                return finished;
            }
        }

        throw new InvalidOperationException("The log ended.");
    }

    public async Task<TranscriptMessage> MessageAsync(string session = "s1")
        => Assert.Single((await Log.ReadTranscriptAsync(SessionId.Parse(session), null, 9)).Messages);

    public async ValueTask DisposeAsync()
    {
        Worker.Dispose();
        Erasure.Dispose();
        Notes.Dispose();
        await _home.DisposeAsync();
    }
}
