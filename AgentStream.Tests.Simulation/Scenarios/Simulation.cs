using AgentStream.Tests.Simulation.Clients;
using AgentStream.Tests.Simulation.Engine;
using AgentStream.Tests.Simulation.Judging;
using AgentStream.Tests.Simulation.Mutants;
using AgentStream.Tests.Simulation.Nodes;
using AgentStream.Tests.Simulation.Store;

namespace AgentStream.Tests.Simulation.Scenarios;

/// <summary>One scenario as it runs.</summary>
internal sealed class Simulation
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    // Long enough for a heartbeat, for somebody who finds out that it missed something, and for the longest pause before coming back.
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(75);

    private readonly Scenario _scenario;
    private readonly Mutation _mutation;
    private readonly SimWorld _world;
    private readonly Judge _judge;
    private readonly WireFates _fates;
    private readonly StoreNode _store;
    private readonly Cluster _cluster;
    private readonly WorkerNode?[] _workers;
    private readonly ServerNode?[] _servers;
    private readonly List<SimClient> _clients = [];
    private readonly Dictionary<int, RunPlan> _plans = [];
    private readonly Dictionary<(int, int), int> _broken = [];
    private readonly string _directory;
    private int _diskErrors;
    private DiskFate _diskFate;

    private Simulation(Scenario scenario, Mutation mutation)
    {
        (_scenario, _mutation) = (scenario, mutation);
        _world = new SimWorld(scenario.Seed);
        _judge = new Judge(_world, PlanOf);
        _fates = new WireFates(_world) { News = scenario.News, Crash = process => Crash(process, TimeSpan.FromSeconds(2)) };
        _directory = Path.Combine(
            Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"agentstream-sim-{Environment.ProcessId}");
        Directory.CreateDirectory(_directory);
        _store = new StoreNode(_world, _directory, scenario.Messaging, store => mutation.Store(store, _world))
        {
            TappedThrough = _judge.TappedThrough,
            Tap = _judge.Tap,
            Disk = Disk,
        };
        _cluster = new Cluster(_world) { Rewrite = mutation.Query };
        _workers = new WorkerNode?[scenario.Workers];
        _servers = new ServerNode?[scenario.Servers];
    }

    /// <summary>Runs a scenario to its end and judges it.</summary>
    public static async Task<Verdict> RunAsync(Scenario scenario, Mutation? mutation = null)
    {
        var simulation = new Simulation(scenario, mutation ?? Mutation.None);
        try
        {
            return await simulation.RunAsync();
        }
        finally
        {
            simulation._clients.OfType<IDisposable>().ToList().ForEach(client => client.Dispose());
            Directory.Delete(simulation._directory, recursive: true);
        }
    }

    private async Task<Verdict> RunAsync()
    {
        await StartAsync();
        foreach (var action in _scenario.Actions)
        {
            _world.Schedule(null, action.At, () => Do(action));
        }

        foreach (var fault in _scenario.Faults)
        {
            _world.Schedule(null, fault.At, () => new FaultInjector(this).Inject(fault));
        }

        await _world.RunAsync(Scenario.Mended);
        Mend();
        var until = Scenario.Mended + Step;
        for (; until < Deadline && !_judge.IsQuiet; until += Step)
        {
            await _world.RunAsync(until);
        }

        await _world.RunAsync(until + Afterwards);
        foreach (var (session, truth) in _judge.Sessions)
        {
            await DiskCheck.RunAsync(_store, session, truth, _judge);
        }

        await _store.StopAsync();
        return Verdict.Of(_scenario, _world, _judge);
    }

    private async Task StartAsync()
    {
        if (_scenario.IsStandalone)
        {
            await StartAllInOneAsync();
        }
        else
        {
            await _store.StartAsync(new SimProcess(_world, "store"));
            for (var worker = 0; worker < _workers.Length; worker++)
            {
                await StartWorkerAsync(worker, new SimProcess(_world, $"worker{worker}"));
            }

            for (var server = 0; server < _servers.Length; server++)
            {
                await StartServerAsync(server, new SimProcess(_world, $"server{server}"));
            }
        }

        for (var number = 0; number < _scenario.Clients.Count; number++)
        {
            var (session, kind, slowness) = _scenario.Clients[number];
            var process = new SimProcess(_world, $"client{number}");
            SimClient client = kind switch
            {
                "library" => new LibraryClient(process, _cluster, _judge, $"s{session}"),
                "stream" => new StreamClient(process, _cluster, _judge, $"s{session}"),
                _ => new PageClient(process, _cluster, _judge, $"s{session}", fromStart: kind == "page from start"),
            };
            client.Slowness = slowness;
            _clients.Add(client);
            _world.Schedule(process, _world.Draws.Time($"opens/{number}", 0, 3_000), () => _world.Begin(client.RunAsync()));
        }
    }

    private async Task StartAllInOneAsync()
    {
        var process = new SimProcess(_world, "standalone");
        await _store.StartAsync(process);
        await StartWorkerAsync(0, process);
        await StartServerAsync(0, process);
    }

    private Task StartWorkerAsync(int number, SimProcess process)
    {
        var model = new SimModel(process, PlanOf, _broken, _judge);
        var worker = _workers[number] = new WorkerNode(process, new SimHome(process, _store, _fates), _scenario.Messaging, model, _judge);
        return worker.StartAsync();
    }

    private Task StartServerAsync(int number, SimProcess process)
    {
        var home = new SimHome(process, _store, _fates) { Cancelled = _judge.Cancelled };
        if (_servers[number] is { } former)
        {
            _cluster.Servers.Remove(former);
        }

        var server = _servers[number] = new ServerNode(process, home, _scenario.Api);
        _cluster.Servers.Add(server);
        return server.StartAsync();
    }

    private RunPlan PlanOf(int number)
        => _plans.TryGetValue(number, out var plan)
            ? plan
            : _plans[number] = RunPlan.Draw(_scenario.Seed, number, _scenario.ModelBreaks);

    private void Do(ClientAction action)
    {
        var client = _clients[action.Client];
        if (client.Process.IsAlive)
        {
            SimLog.Write(_world, action.ToString());
            client.Process.Run(() => _world.Begin(
                action.Kind == ActionKind.Ask ? client.AskAsync(PlanOf(action.Plan), action.OnBusy) : client.CancelAsync()));
        }
    }

    /// <summary>Kills a process; another one takes its place after a while.</summary>
    private void Crash(SimProcess process, TimeSpan backAfter)
    {
        if (process.IsAlive)
        {
            SimLog.Write(_world, $"{process.Name} dies");
            process.Kill();
            _world.Schedule(null, backAfter, () => _world.Begin(BringBackAsync(process.Name)));
        }
    }

    private Task BringBackAsync(string name)
    {
        SimLog.Write(_world, $"{name} is back");
        var process = new SimProcess(_world, name);
        return name switch
        {
            "standalone" => StartAllInOneAsync(),
            "store" => _store.StartAsync(process),
            _ when name.StartsWith("worker", StringComparison.Ordinal) => StartWorkerAsync(name[^1] - '0', process),
            _ => StartServerAsync(name[^1] - '0', process),
        };
    }

    private void Mend()
    {
        SimLog.Write(_world, "all is mended");
        _world.Network.HealAll();
        _fates.Disarm();
        _fates.News = default;
        _diskErrors = 0;
        foreach (var process in Processes())
        {
            process.Resume();
        }
    }

    private IEnumerable<SimProcess> Processes()
        => _workers.Select(worker => worker!.Process)
            .Concat(_servers.Select(server => server!.Process))
            .Concat(_clients.Select(client => client.Process))
            .Append(_store.Process!).Distinct();

    private DiskFate Disk()
    {
        if (_diskErrors == 0)
        {
            return _mutation.Disk(_world);
        }

        _diskErrors--;
        _world.Counts.Add(_diskFate == DiskFate.Refused ? "disk full" : "disk error after it wrote");
        return _diskFate;
    }

    /// <summary>Has something go wrong.</summary>
    private sealed class FaultInjector(Simulation simulation)
    {
        private readonly SimWorld _world = simulation._world;

        public void Inject(Fault fault)
        {
            SimLog.Write(_world, fault.ToString());
            var kind = fault.Kind.ToString();
            if (kind.StartsWith("Client", StringComparison.Ordinal))
            {
                InjectClient(fault, simulation._clients[fault.Target % simulation._clients.Count]);
            }
            else if (kind.StartsWith("Worker", StringComparison.Ordinal))
            {
                InjectNode(fault, simulation._workers[fault.Target % simulation._workers.Length]!.Process);
            }
            else if (kind.StartsWith("Server", StringComparison.Ordinal))
            {
                InjectNode(fault, simulation._servers[fault.Target % simulation._servers.Length]!.Process);
            }
            else
            {
                InjectStore(fault, simulation._store.Process!);
            }
        }

        private void InjectNode(Fault fault, SimProcess process)
        {
            var fates = simulation._fates;
            var store = simulation._store.Process!.Name;
            switch (fault.Kind)
            {
                case FaultKind.WorkerCrash or FaultKind.ServerCrash when process.IsAlive:
                    Count("crash");
                    simulation.Crash(process, fault.For);
                    break;
                case FaultKind.WorkerCrashBeforeWrite:
                    fates.Arm(process.Name, "write", fault.Nth, 1, WireFate.CrashBefore);
                    break;
                case FaultKind.WorkerCrashAfterWrite:
                    fates.Arm(process.Name, "write", fault.Nth, 1, WireFate.CrashAfter);
                    break;
                case FaultKind.WorkerErrorBefore or FaultKind.ServerErrorBefore:
                    fates.Arm(process.Name, null, fault.Nth, 1 + (fault.Nth % 3), WireFate.FailBefore);
                    break;
                case FaultKind.WorkerErrorAfter or FaultKind.ServerErrorAfter:
                    fates.Arm(process.Name, null, fault.Nth, 1 + (fault.Nth % 3), WireFate.FailAfter);
                    break;
                case FaultKind.WorkerLate or FaultKind.ServerLate:
                    fates.Arm(process.Name, null, fault.Nth, 1, WireFate.Late);
                    break;
                case FaultKind.WorkerPause or FaultKind.ServerPause:
                    Pause(process, fault.For);
                    break;
                case FaultKind.WorkerClockJump:
                    Jump(process, fault);
                    break;
                case FaultKind.WorkerStop when process.IsAlive && !process.IsPaused && !simulation._scenario.IsStandalone:
                    Count("stop in good order");
                    _world.Begin(StopWorkerAsync(fault.Target % simulation._workers.Length, fault.For));
                    break;
                case FaultKind.ServerStop when process.IsAlive && !process.IsPaused && !simulation._scenario.IsStandalone:
                    Count("stop in good order");
                    simulation._servers[fault.Target % simulation._servers.Length]!.Stop();
                    _world.Schedule(null, TimeSpan.FromSeconds(5), () => simulation.Crash(process, fault.For));
                    break;
                case FaultKind.WorkerCutBothWays or FaultKind.ServerCutBothWays when process.Name != store:
                    Cut("cut both ways", fault.For, (process.Name, store), (store, process.Name));
                    break;
                case FaultKind.WorkerCutTo or FaultKind.ServerCutTo when process.Name != store:
                    Cut("cut one way", fault.For, (process.Name, store));
                    break;
                case FaultKind.WorkerCutFrom or FaultKind.ServerCutFrom when process.Name != store:
                    Cut("cut one way", fault.For, (store, process.Name));
                    break;
                default:
                    break;
            }
        }

        private void InjectStore(Fault fault, SimProcess process)
        {
            switch (fault.Kind)
            {
                case FaultKind.StoreCrash when process.IsAlive:
                    Count("crash of the store");
                    simulation.Crash(process, fault.For);
                    break;
                case FaultKind.StoreCrashBeforeWrite or FaultKind.StoreCrashAfterWrite:
                    CrashAtWrite(fault);
                    break;
                case FaultKind.StorePause:
                    Pause(process, fault.For);
                    break;
                case FaultKind.StoreClockJump:
                    Jump(process, fault);
                    break;
                case FaultKind.DiskFull:
                    (simulation._diskErrors, simulation._diskFate) = (fault.Nth, DiskFate.Refused);
                    break;
                case FaultKind.DiskErrorAfter:
                    (simulation._diskErrors, simulation._diskFate) = (1 + (fault.Nth % 3), DiskFate.WrittenWithError);
                    break;
                default:
                    break;
            }
        }

        private void CrashAtWrite(Fault fault)
        {
            var (left, before) = (fault.Nth, simulation._store.Disk);
            simulation._store.Disk = () =>
            {
                if (--left > 0)
                {
                    return before();
                }

                simulation._store.Disk = before;
                Count("crash of the store at a write");
                var isWritten = fault.Kind == FaultKind.StoreCrashAfterWrite;

                // In the middle of a commit: nothing of it, or all of it and nobody who says so.
                simulation.Crash(simulation._store.Process!, fault.For);
                return isWritten ? DiskFate.WrittenWithError : DiskFate.Refused;
            };
        }

        private void InjectClient(Fault fault, SimClient client)
        {
            switch (fault.Kind)
            {
                case FaultKind.ClientBreak when client.Break():
                    Count("connection of a client broken");
                    break;
                case FaultKind.ClientForget when client.Forget():
                    Count("page opened anew");
                    break;
                case FaultKind.ClientGone:
                    Count("client gone for good");
                    client.Process.Kill();
                    break;
                case FaultKind.ClientPause:
                    Pause(client.Process, fault.For);
                    break;
                case FaultKind.ClientCutBothWays or FaultKind.ClientCutTo or FaultKind.ClientCutFrom:
                    foreach (var server in simulation._servers)
                    {
                        var (own, other) = (client.Process.Name, server!.Process.Name);
                        if (fault.Kind == FaultKind.ClientCutBothWays)
                        {
                            Cut("cut both ways", fault.For, (own, other), (other, own));
                        }
                        else
                        {
                            Cut("cut one way", fault.For, fault.Kind == FaultKind.ClientCutTo ? (own, other) : (other, own));
                        }
                    }

                    break;
                default:
                    break;
            }
        }

        private void Pause(SimProcess process, TimeSpan time)
        {
            if (process is { IsAlive: true, IsPaused: false })
            {
                Count(time > TimeSpan.FromSeconds(10) ? "pause beyond a lease" : "pause");
                process.Pause();
                _world.Schedule(null, time, process.Resume);
            }
        }

        private void Jump(SimProcess process, Fault fault)
        {
            Count("clock that jumps");
            process.Skew += (fault.Nth % 2 == 0 ? 1 : -1) * fault.For * 8;
        }

        private void Cut(string name, TimeSpan time, params (string From, string To)[] ways)
        {
            Count(name);
            foreach (var (from, to) in ways)
            {
                _world.Network.Cut(from, to);
                _world.Schedule(null, time, () => _world.Network.Heal(from, to));
            }
        }

        private async Task StopWorkerAsync(int number, TimeSpan backAfter)
        {
            var worker = simulation._workers[number]!;
            await worker.StopAsync();
            simulation.Crash(worker.Process, backAfter);
        }

        private void Count(string name) => _world.Counts.Add(name);
    }
}
