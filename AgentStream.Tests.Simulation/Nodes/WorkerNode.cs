using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Tests.Simulation.Engine;
using AgentStream.Tests.Simulation.Judging;
using AgentStream.Tests.Simulation.Scenarios;
using AgentStream.Tests.Simulation.Store;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Hosting;
using AgentStream.Worker.Models;
using AgentStream.Worker.Models.Pipeline;
using AgentStream.Worker.Models.Pricing;
using AgentStream.Worker.Models.Resilience;
using AgentStream.Worker.Models.Scripted;
using AgentStream.Worker.Running.Context;
using AgentStream.Worker.Running.Execution;
using AgentStream.Worker.Tools;
using AgentStream.Worker.Tools.Notes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Simulation.Nodes;

/// <summary>A worker, all of it: what claims, renews and listens, the loop, its writer and the models' pipeline.</summary>
internal sealed class WorkerNode
{
    private static readonly ContextWindows Windows = new(new ConfigurationManager());
    private static readonly ModelPrices Prices = new(new ConfigurationManager());
    private static readonly NoteStore Notes = new("none", TimeProvider.System);

    // Each look that finds nothing is an exception inside of the runtime, which is most of what a scenario costs.
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(7);

    private readonly WorkerService _service;

    public WorkerNode(SimProcess process, SimHome home, MessagingOptions messaging, IChatClient model, Judge judge)
    {
        Process = process;
        var agent = new AgentOptions
        {
            Description = "Is simulated.",
            Limits = new AgentLimits { ToolTimeout = SimTools.Timeout, ApprovalTimeout = TimeSpan.FromSeconds(40) },
        };
        var tools = SimTools.Of(process, judge);
        foreach (var tool in tools)
        {
            agent.Tools.Add(tool.Name);
        }

        var agents = new AgentsOptions();
        agents.Agents["assistant"] = agent;
        var models = new ModelOptions { MaxRetries = 0 };
        var catalog = new ModelCatalog(
            [new ModelProvider("simulated", "simulated", "simulated", takesOtherModels: false, _ => ModelPipeline.Wrap(
                model, "simulated/simulated", ScriptedErrors.Explain, models, new RequestGate(models.MaxConcurrentRequests), process.Clock,
                NullLogger.Instance))],
            "simulated", new Dictionary<string, string>(), process.Clock);
        var options = Options.Create(new WorkerOptions { MaxConcurrentRuns = 4, PollInterval = PollInterval });
        var executor = new RunExecutor(
            new AgentRegistry(Options.Create(agents), new ToolRegistry(tools), catalog), catalog, home, home, options,
            new FlushClock(process.Clock), process.Clock, SimLog.For(process), Windows, Prices);
        var erasure = new NoteErasure(Notes, new NoErasures(), process.Clock, NullLogger<NoteErasure>.Instance);
        _service = new WorkerService(
            home, executor, erasure, options, Options.Create(messaging), process.Clock, new Logger<WorkerService>(SimLog.For(process)));
    }

    public SimProcess Process { get; }

    public Task StartAsync() => _service.StartAsync(CancellationToken.None);

    /// <summary>Stops in good order.</summary>
    public Task StopAsync() => _service.StopAsync(CancellationToken.None);

    private sealed class NoErasures : IErasures
    {
        public ValueTask<IReadOnlyDictionary<SessionId, DateTimeOffset>> FindAsync(
            IReadOnlyList<SessionId> sessions, CancellationToken cancellationToken = default)
            => ValueTask.FromResult<IReadOnlyDictionary<SessionId, DateTimeOffset>>(new Dictionary<SessionId, DateTimeOffset>());
    }
}
