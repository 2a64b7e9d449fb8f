using AgentStream.Messaging.Embedded;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Messaging.Contract;
using AgentStream.Tests.Support;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Messaging.Embedded;

/// <summary>The embedded store on a directory of its own that goes with it.</summary>
internal sealed class EmbeddedHome : StoreHome
{
    private readonly MessagingOptions _messaging;

    public EmbeddedHome(MessagingOptions? messaging = null)
    {
        _messaging = messaging ?? new MessagingOptions();
        Options = new EmbeddedOptions
        {
            DataDirectory = Directory.CreateTempSubdirectory("agentstream-").FullName,
            FlushToDisk = false,
            UnloadAfter = TimeSpan.FromSeconds(7),
        };
        Disk = new FaultyDisk();
        Store = Open();
    }

    public EmbeddedOptions Options { get; }

    public FakeTimeProvider Clock { get; } = new();

    public CollectedLogs Logs { get; } = new();

    public FaultyDisk Disk { get; private set; }

    public EmbeddedSessionStore Store { get; private set; }

    public override ISessionLog Log => Store;

    public override IRunQueue Queue => Store;

    public override DateTimeOffset Now => Clock.GetUtcNow();

    public override bool TornWriteWasWhole => _tornWriteWasWhole;

    /// <summary>The one journal of a test that has one session.</summary>
    public string Journal => Assert.Single(Directory.GetFiles(Path.Combine(Options.DataDirectory, "sessions"), "*.journal"));

    private bool _tornWriteWasWhole;
    private int _restarts;

    /// <summary>Every other time as if killed: nothing is put in order at the end.</summary>
    public override async Task RestartAsync()
    {
        if (_restarts++ % 2 == 1)
        {
            _tornWriteWasWhole = Disk.TornWriteWasWhole;
            Disk.Kill();
        }

        await StopAsync();
        Start();
    }

    /// <summary>Where the list of the sessions is that are not in memory.</summary>
    public string Index => Path.Combine(Options.DataDirectory, "sessions.index");

    public async Task StopAsync()
    {
        _tornWriteWasWhole = Disk.TornWriteWasWhole;
        Disk.LetGo();
        await Store.DisposeAsync();
        Disk.Dispose();
    }

    public void Start()
    {
        Disk = new FaultyDisk();
        Store = Open();
    }

    public override Task AdvanceAsync(TimeSpan by)
    {
        Clock.Advance(by);
        return Task.CompletedTask;
    }

    public override Task RetainAsync() => Store.RetainAsync();

    public override Task ExpireAsync() => Store.ExpireAsync();

    public override bool TearNextWrite(int bytes)
    {
        Disk.TearNextWrite(bytes);
        return true;
    }

    public override async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Options.DataDirectory, recursive: true);
    }

    private EmbeddedSessionStore Open()
    {
        var store = new EmbeddedSessionStore(
            Microsoft.Extensions.Options.Options.Create(_messaging), Microsoft.Extensions.Options.Options.Create(Options), Clock,
            new LoggerFactory([Logs]), Disk);
        store.Open();
        return store;
    }
}
