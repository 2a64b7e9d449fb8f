using AgentStream.Messaging.Agents;
using AgentStream.Tests.Support;
using AgentStream.Tests.Worker.Models;
using AgentStream.Tests.Worker.Running;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Agents.Files;
using AgentStream.Worker.Models;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentStream.Tests.Worker.Agents.Files;

public sealed class AgentFilesServiceTests : IDisposable
{
    private const string Poet = "---\ndescription: Rhymes.\n---\nRhyme.";

    private static readonly TimeSpan Never = TimeSpan.FromHours(1);
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(5);

    private readonly TemporaryDirectory _root = new();
    private readonly HandWatch _watch = new();
    private readonly LocalAgents _local = new([]);
    private readonly ModelCatalog _models =
        TestCatalog.Of([new ModelProvider("demo", "demo", "demo", takesOtherModels: false, _ => new PlannedChatClient())], "demo");

    public void Dispose()
    {
        _models.Dispose();
        _root.Dispose();
    }

    [Fact]
    public async Task Service_ToldOfAChange_ReadsTheFilesAndTellsTheCatalog()
    {
        Directory.CreateDirectory(_root.File("agents"));
        using var service = await StartAsync(_watch, Never);
        await _watch.Begun.WaitAsync(TestTimeouts.Default);

        await WaitForAsync("poet", () => File.WriteAllText(_root.File("agents/poet.md"), Poet), _watch.Change);
        await WaitForAsync(null, () => File.Delete(_root.File("agents/poet.md")), _watch.Change);

        await service.StopAsync(CancellationToken.None);
        Assert.True(_watch.Ended);
    }

    [Fact]
    public async Task Service_WatchThatEndedByItself_BeginsAnotherOne()
    {
        Directory.CreateDirectory(_root.File("agents"));
        using var service = await StartAsync(_watch, Never);
        await _watch.Begun.WaitAsync(TestTimeouts.Default);

        await WaitForAsync("poet", () => File.WriteAllText(_root.File("agents/poet.md"), Poet), _watch.Lose);

        await service.StopAsync(CancellationToken.None);
        Assert.Equal(2, _watch.Count);
    }

    [Fact]
    public async Task Service_NothingIsAnnounced_FindsTheDirectoryAndItsFilesByLooking()
    {
        using var service = await StartAsync(new BlindWatch(), Soon);

        await WaitForAsync("poet", () =>
        {
            Directory.CreateDirectory(_root.File("agents"));
            File.WriteAllText(_root.File("agents/poet.md"), Poet);
        });

        await service.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Service_WatchOfTheSystem_SeesAFileThatIsWrittenByRenaming()
    {
        Directory.CreateDirectory(_root.File("agents"));
        var announced = new AnnouncingWatch(new FolderWatch());
        using var service = await StartAsync(announced, Never);
        await announced.Begun.WaitAsync(TestTimeouts.Default);

        await WaitForAsync("poet", () =>
        {
            File.WriteAllText(_root.File("agents/.poet.md.tmp"), Poet);
            File.Move(_root.File("agents/.poet.md.tmp"), _root.File("agents/poet.md"));
        });

        await service.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Service_WatchOfTheSystem_SeesADirectoryThatIsMadeLater()
    {
        var announced = new AnnouncingWatch(new FolderWatch());
        using var service = await StartAsync(announced, Never);
        await announced.Begun.WaitAsync(TestTimeouts.Default);

        await WaitForAsync("poet", () =>
        {
            Directory.CreateDirectory(_root.File("agents"));
            File.WriteAllText(_root.File("agents/poet.md"), Poet);
        });
        await WaitForAsync("singer", () => File.WriteAllText(_root.File("agents/singer.md"), Poet));

        await service.StopAsync(CancellationToken.None);
    }

    /// <summary>Does it, and waits until the catalog has the agent (<c>null</c>: has none).</summary>
    private async Task WaitForAsync(string? agent, params Action[] acts)
    {
        var changed = _local.Changed;
        foreach (var act in acts)
        {
            act();
        }

        while (!(agent is null ? _local.Agents.Count == 0 : _local.Agents.Any(one => one.Name == agent)))
        {
            await changed.WaitAsync(TestTimeouts.Default);
            changed = _local.Changed;
        }
    }

    private async Task<AgentFilesService> StartAsync(IFolderWatch watch, TimeSpan poll)
    {
        var options = Microsoft.Extensions.Options.Options.Create(new AgentFilesOptions { PollInterval = poll, SettleTime = Soon });
        var folder = AgentFolders.Open(_root.Path, "agents");
        var registry = new AgentRegistry(
            Microsoft.Extensions.Options.Options.Create(new AgentsOptions()), new ToolRegistry([]), _models, folder);
        var service = new AgentFilesService(
            registry, folder, new ToolRegistry([]), _models, _local, watch, options, TimeProvider.System,
            NullLogger<AgentFilesService>.Instance);
        await service.StartAsync(CancellationToken.None);
        return service;
    }

    private sealed class BlindWatch : IFolderWatch
    {
        public IDisposable? TryBegin(string directory, Action changed, Action lost) => null;
    }

    private sealed class AnnouncingWatch(IFolderWatch inner) : IFolderWatch
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => _begun.Task;

        public IDisposable? TryBegin(string directory, Action changed, Action lost)
        {
            var watching = inner.TryBegin(directory, changed, lost);
            _begun.TrySetResult();
            return watching;
        }
    }

    private sealed class HandWatch : IFolderWatch
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Action? _changed;
        private Action? _lost;

        public Task Begun => _begun.Task;

        public int Count { get; private set; }

        public bool Ended { get; private set; }

        public void Change() => _changed!();

        public void Lose() => _lost!();

        public IDisposable? TryBegin(string directory, Action changed, Action lost)
        {
            (_changed, _lost) = (changed, lost);
            Count++;
            _begun.TrySetResult();
            return new Ending(this);
        }

        private sealed class Ending(HandWatch watch) : IDisposable
        {
            public void Dispose() => watch.Ended = true;
        }
    }
}
